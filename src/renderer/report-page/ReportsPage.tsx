// Documents of what was won: made here, with progress and a way to cancel; what was exported can be made again with newer
// figures.
import { IconRefresh } from '@tabler/icons-react'
import { useMemo } from 'react'
import type { ExportedReport, ReportOrder } from '../../shared/contract/index.ts'
import { workbenchNow } from '../model/workbench-clock.ts'
import { useFleet } from '../store/use-fleet.ts'
import { ActButton } from '../ui/ActButton.tsx'
import { Awaited } from '../ui/Awaited.tsx'
import { DataTable } from '../ui/DataTable.tsx'
import { formatMoment } from '../ui/moments.ts'
import { Panel } from '../ui/Panel.tsx'
import type { TableColumn } from '../ui/table-column.ts'
import { describeRange } from './describe-range.ts'
import { ReportForm } from './ReportForm.tsx'
import { TemplateTable } from './TemplateTable.tsx'
import { useExports } from './use-exports.ts'
import { useTemplates } from './use-templates.ts'

export function ReportsPage() {
  const views = useFleet((fleet) => fleet.hosts)
  const exports = useExports()
  const templates = useTemplates()
  const { exported, making, make } = exports
  const data = useMemo(() => (views ?? []).map(({ host }) => ({ value: host.id, label: host.name })), [views])
  const nameOf = (id: string) => data.find(({ value }) => value === id)?.label ?? 'a host that was removed'
  return (
    <main className="page" data-testid="reports-page">
      <h1 className="sr-only">Reports</h1>
      <Panel title="New report">
        <ReportForm data={data} exports={exports} templates={templates} />
      </Panel>
      <TemplateTable templates={templates} exports={exports} />
      <Panel title="Exported" note="the documents themselves are not kept here" flush>
        <Awaited answer={exported} attempt="List the reports" reading="the list of reports">
          {(rows) => (
            <DataTable
              label="Exported reports"
              rows={rows}
              columns={columnsFor(nameOf, (order) => make(renewed(order)), making !== undefined)}
              rowKey={({ id }) => id}
              initialSort={{ id: 'at', desc: true }}
              empty="Nothing has been exported yet."
              testId="exported-reports"
            />
          )}
        </Awaited>
      </Panel>
    </main>
  )
}

/** As long a range, up to now. */
function renewed({ from, to, ...order }: ReportOrder): ReportOrder {
  const now = workbenchNow()
  return from === undefined || to === undefined ? order : { ...order, from: now - (to - from), to: now }
}

const maxNames = 3

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
        const names = hostIds.slice(0, maxNames).map(nameOf).join(', ')
        return hostIds.length > maxNames ? `${names} and ${hostIds.length - maxNames} more` : names
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
