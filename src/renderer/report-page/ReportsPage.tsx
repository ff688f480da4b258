// Documents of what was won: made here, with progress and a way to cancel; what was exported can be made again with newer
// figures.
import { Button, MultiSelect, SegmentedControl, Select } from '@mantine/core'
import { IconFileExport, IconRefresh } from '@tabler/icons-react'
import { useMemo, useState } from 'react'
import {
  type ExportedReport,
  type ReportFormat,
  type ReportOrder,
  reportFormat,
} from '../../shared/contract/index.ts'
import { formatSeconds } from '../../shared/units.ts'
import { type RangeId, rangeAt, ranges } from '../history/ranges.ts'
import { workbenchNow } from '../model/workbench-clock.ts'
import { useFleet } from '../store/use-fleet.ts'
import { ActButton } from '../ui/ActButton.tsx'
import { DataTable } from '../ui/DataTable.tsx'
import { formatMoment } from '../ui/moments.ts'
import { Panel } from '../ui/Panel.tsx'
import type { TableColumn } from '../ui/table-column.ts'
import classes from './reports.module.css'
import { type Exports, useExports } from './use-exports.ts'

export function ReportsPage() {
  const views = useFleet((fleet) => fleet.hosts)
  const exports = useExports()
  const { exported, making, make } = exports
  const data = useMemo(() => (views ?? []).map(({ host }) => ({ value: host.id, label: host.name })), [views])
  const nameOf = (id: string) => data.find(({ value }) => value === id)?.label ?? 'a host that was removed'
  return (
    <main className="page" data-testid="reports-page">
      <h1 className="sr-only">Reports</h1>
      <Panel title="New report">
        <ReportForm data={data} exports={exports} />
      </Panel>
      <Panel title="Exported" note="the documents themselves are not kept here" flush>
        <DataTable
          label="Exported reports"
          rows={exported}
          columns={columnsFor(nameOf, (order) => make(renewed(order)), making !== undefined)}
          rowKey={({ id }) => id}
          initialSort={{ id: 'at', desc: true }}
          empty="Nothing was exported yet."
          testId="exported-reports"
        />
      </Panel>
    </main>
  )
}

interface ReportFormProps {
  readonly data: readonly { readonly value: string; readonly label: string }[]
  readonly exports: Exports
}

function ReportForm({ data, exports: { making, make, cancel } }: ReportFormProps) {
  const [hostIds, setHostIds] = useState<string[]>([])
  const [rangeId, setRangeId] = useState<RangeId>('7d')
  const [format, setFormat] = useState<ReportFormat>('pdf')
  const wanted = hostIds.length > 0 ? hostIds : data.map(({ value }) => value)
  return (
    <div className={classes.form}>
      <MultiSelect
        label="Hosts"
        description="none chosen: all"
        className={classes.hosts ?? ''}
        data={data}
        value={hostIds}
        onChange={setHostIds}
        searchable
        clearable
      />
      <Select
        label="Range"
        data={ranges.map(({ id, label }) => ({ value: id, label }))}
        value={rangeId}
        onChange={(id) => id && setRangeId(id as RangeId)}
        allowDeselect={false}
      />
      <SegmentedControl
        size="xs"
        aria-label="Format"
        transitionDuration={0}
        data={reportFormat.options.map((value) => ({ value, label: value.toUpperCase() }))}
        value={format}
        onChange={(value) => setFormat(value as ReportFormat)}
      />
      <ActButton
        icon={IconFileExport}
        filled
        busy={making !== undefined}
        refusal={wanted.length === 0 ? 'Add a host first.' : undefined}
        onClick={() => make({ hostIds: wanted, format, ...rangeAt(rangeId, workbenchNow()) })}
        testId="report-make"
      >
        Export
      </ActButton>
      {making && (
        <>
          <span role="status" data-testid="report-progress">
            {making}
          </span>
          <Button size="xs" variant="default" onClick={cancel}>
            Cancel
          </Button>
        </>
      )}
    </div>
  )
}

/** As long a range, up to now. */
function renewed({ from, to, ...order }: ReportOrder): ReportOrder {
  const now = workbenchNow()
  return from === undefined || to === undefined ? order : { ...order, from: now - (to - from), to: now }
}

const hourMs = 3_600_000

function describeRange(milliseconds: number): string {
  const hours = milliseconds / hourMs
  return hours >= 48 ? `${Math.round(hours / 24)} days` : formatSeconds(milliseconds / 1000)
}

const mostNames = 3

function columnsFor(
  nameOf: (id: string) => string,
  again: (order: ReportOrder) => void,
  busy: boolean,
): TableColumn<ExportedReport>[] {
  return [
    { id: 'at', title: 'Exported', sortBy: ({ at }) => at, cell: ({ at }) => formatMoment(at) },
    { id: 'file', title: 'File', sortBy: ({ fileName }) => fileName, cell: ({ fileName }) => fileName },
    {
      id: 'hosts',
      title: 'Hosts',
      sortBy: ({ order }) => order.hostIds.length,
      cell: ({ order: { hostIds } }) => {
        const names = hostIds.slice(0, mostNames).map(nameOf).join(', ')
        return hostIds.length > mostNames ? `${names} and ${hostIds.length - mostNames} more` : names
      },
    },
    {
      id: 'range',
      title: 'Range',
      cell: ({ order: { from, to } }) =>
        from === undefined || to === undefined ? '7 days' : describeRange(to - from),
    },
    {
      id: 'again',
      title: 'Again',
      cell: ({ order }) => (
        <ActButton
          icon={IconRefresh}
          busy={busy}
          refusal={undefined}
          onClick={() => again(order)}
          testId="report-again"
        >
          With newer figures
        </ActButton>
      ),
    },
  ]
}
