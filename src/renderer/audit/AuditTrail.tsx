import { TextInput } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { useDeferredValue, useState } from 'react'
import type { TrailEntry, TrailQuery } from '../../shared/contract/index.ts'
import { withValue } from '../../shared/with-value.ts'
import { hostLink } from '../model/route.ts'
import { useAnswer } from '../store/use-answer.ts'
import { useFleet } from '../store/use-fleet.ts'
import { Awaited } from '../ui/Awaited.tsx'
import { DataTable } from '../ui/DataTable.tsx'
import { formatMoment } from '../ui/moments.ts'
import panel from '../ui/panel.module.css'
import type { TableColumn } from '../ui/table-column.ts'
import { AuditExport } from './AuditExport.tsx'
import classes from './AuditTrail.module.css'

const shownEntries = 1000

interface AuditTrailProps {
  /** Absent: of all hosts. */
  readonly hostId?: string
}

/** What this workbench changed, with a filter and the way out as a file; it renews itself. */
export function AuditTrail({ hostId }: AuditTrailProps) {
  const [text, setText] = useState('')
  const query: TrailQuery = { ...withValue({ hostId }), text: useDeferredValue(text) }
  const answer = useTrail(query)
  const entries = answer.value
  return (
    <>
      <div className={classes.listTools}>
        <TextInput
          size="xs"
          w={260}
          aria-label="Filter the audit"
          placeholder="Filter"
          leftSection={<IconSearch size={14} />}
          value={text}
          maxLength={512}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        {entries && <span className="panel-note">{countOf(entries)}</span>}
        <span className="spacer" />
        <AuditExport query={query} disabled={!entries || entries.length === 0} />
      </div>
      <Awaited answer={answer} attempt="Read the audit" reading="the audit">
        {(listed) => (
          <div className={hostId === undefined ? panel.tableWrap : classes.ofOneHost}>
            <DataTable
              label="Changes made by this workbench"
              testId="audit-trail"
              rows={listed}
              columns={hostId === undefined ? allColumns : columns}
              fixed
              rowHeight={50}
              rowKey={keyOf}
              initialSort={{ id: 'at', desc: true }}
              empty={text === '' ? nothingOf(hostId) : 'No change matches the filter.'}
            />
          </div>
        )}
      </Awaited>
    </>
  )
}

function nothingOf(hostId: string | undefined): string {
  const where = hostId === undefined ? '' : ' on this host'
  return `This workbench has changed nothing${where} yet.`
}

function countOf(entries: readonly TrailEntry[]): string {
  if (entries.length >= shownEntries) return `the newest ${shownEntries}`
  return `${entries.length} ${entries.length === 1 ? 'change' : 'changes'}`
}

/** Read again when something was added. */
function useTrail({ hostId, text }: TrailQuery) {
  const audited = useFleet((fleet) => fleet.audited)
  return useAnswer(
    (store, options) => store.call('audit/trail', { hostId, text, limit: shownEntries }, options),
    `${hostId} ${audited} ${text}`,
  )
}

function keyOf({ at, hostId, action, target = '', outcome }: TrailEntry): string {
  return `${at} ${hostId} ${action} ${target} ${outcome}`
}

const columns: readonly TableColumn<TrailEntry>[] = [
  { id: 'at', title: 'When', width: '12%', sortBy: ({ at }) => at, cell: ({ at }) => <Moment at={at} /> },
  {
    id: 'who',
    title: 'Who, from where',
    width: '15%',
    sortBy: ({ who }) => who,
    cell: ({ who, from }) => (
      <>
        {who}
        <div className="cell-sub">{from}</div>
      </>
    ),
  },
  {
    id: 'action',
    title: 'What',
    sortBy: ({ action }) => action,
    cell: ({ action, target }) => (
      <>
        <span className="cell-main">{action}</span>
        {target && <div className="path">{target}</div>}
      </>
    ),
  },
  { id: 'before', title: 'Before', width: '14%', cell: ({ before }) => <Words text={before} /> },
  { id: 'after', title: 'After', width: '14%', cell: ({ after }) => <Words text={after} /> },
  {
    id: 'outcome',
    title: 'Outcome',
    width: '19%',
    sortBy: ({ outcome }) => outcome,
    cell: ({ outcome }) => (
      <span className={outcome.startsWith('failed') ? classes.failed : undefined}>{outcome}</span>
    ),
  },
]

const allColumns: readonly TableColumn<TrailEntry>[] = [
  ...columns.slice(0, 1),
  {
    id: 'host',
    title: 'Host',
    width: '12%',
    sortBy: ({ host }) => host,
    cell: ({ host, hostId }) => <a href={hostLink(hostId)}>{host}</a>,
  },
  ...columns.slice(1),
]

function Words({ text }: { readonly text: string | undefined }) {
  return <div className="path">{text}</div>
}

function Moment({ at }: { readonly at: number }) {
  return (
    <time dateTime={new Date(at).toISOString()} title={new Date(at).toISOString()} className={classes.time}>
      {formatMoment(at)}
    </time>
  )
}
