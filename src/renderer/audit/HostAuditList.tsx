import type { AuditEntry } from '../../shared/contract/index.ts'
import { useAnswer } from '../store/use-answer.ts'
import { Awaited } from '../ui/Awaited.tsx'
import { DataTable } from '../ui/DataTable.tsx'
import { formatMoment } from '../ui/moments.ts'
import panel from '../ui/panel.module.css'
import type { TableColumn } from '../ui/table-column.ts'
import classes from './HostAuditList.module.css'

const columns: readonly TableColumn<AuditEntry>[] = [
  { id: 'at', title: 'When', width: '12%', sortBy: ({ at }) => at, cell: ({ at }) => formatMoment(at) },
  {
    id: 'who',
    title: 'Who',
    width: '15%',
    sortBy: ({ who }) => who,
    cell: ({ who, from }) => `${who} from ${from}`,
  },
  {
    id: 'action',
    title: 'Action',
    width: '12%',
    sortBy: ({ action }) => action,
    cell: ({ action }) => action,
  },
  { id: 'target', title: 'Target', cell: ({ target }) => <span className="path">{target}</span> },
  {
    id: 'before',
    title: 'Before',
    width: '14%',
    cell: ({ before }) => <span className="path">{before}</span>,
  },
  { id: 'after', title: 'After', width: '14%', cell: ({ after }) => <span className="path">{after}</span> },
  { id: 'outcome', title: 'Outcome', width: '14%', cell: ({ outcome }) => outcome },
]

const shownEntries = 500

/** Every change made on this host, from the log that the helper keeps there. `renewal` changes after each act. */
export function HostAuditList({ hostId, renewal }: { readonly hostId: string; readonly renewal: string }) {
  const answer = useAnswer(
    (store, options) => store.call('audit/list', { hostId, limit: shownEntries }, options),
    `${hostId} ${renewal}`,
  )
  return (
    <Awaited answer={answer} attempt="Read the audit log" reading="the audit log">
      {(entries) => (
        <div className={`${panel.tableWrap} ${classes.list}`}>
          <DataTable
            label="Audit log"
            testId="audit"
            rows={entries}
            columns={columns}
            fixed
            rowKey={(entry) => `${entry.at} ${entry.action} ${entry.target ?? ''}`}
            initialSort={{ id: 'at', desc: true }}
            empty="Nothing has been changed on this host."
          />
        </div>
      )}
    </Awaited>
  )
}
