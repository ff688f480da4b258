// What it takes when merged pages break, whom it hurts, and what the policy would do.
import type { BadDay, HurtGuest } from '../../shared/contract/index.ts'
import { badDayFigures } from '../../shared/text/capacity-text.ts'
import { formatBytes } from '../../shared/units.ts'
import { DataTable } from '../ui/DataTable.tsx'
import type { TableColumn } from '../ui/table-column.ts'
import { Answer } from './Answer.tsx'
import classes from './capacity.module.css'
import { FigureTable } from './FigureTable.tsx'

interface BadDayTableProps {
  readonly badDay: BadDay
  readonly label: string
}

export function BadDayTable({ badDay, label }: BadDayTableProps) {
  return (
    <>
      <h3 className={classes.sub}>The bad day</h3>
      <FigureTable label={`The bad day, ${label}`} figures={badDayFigures(badDay)} testId="bad-day" />
      <DataTable
        label={`Guests that would hurt most, ${label}`}
        rows={badDay.hurt}
        columns={hurtColumns}
        rowKey={({ pid }) => String(pid)}
        empty="No guest runs."
        testId="bad-day-hurt"
      />
      <ul className={classes.would} data-testid="policy-would">
        {badDay.policyWould.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </>
  )
}

const hurtColumns: TableColumn<HurtGuest>[] = [
  { id: 'guest', title: 'Hurts most', sortBy: ({ name }) => name, cell: ({ name }) => name },
  {
    id: 'merged',
    title: 'Merged',
    about: 'What merging saves of this guest, which it takes again when all of its merged pages break.',
    numeric: true,
    sortBy: ({ mergedBytes }) => mergedBytes,
    cell: ({ mergedBytes }) => formatBytes(mergedBytes),
  },
  {
    id: 'broke',
    title: 'Broke a second',
    about: 'The least that this guest lost in merged pages between the assessments that the workbench keeps.',
    cell: ({ brokePerSecond }) => <Answer answer={brokePerSecond} format={formatBytes} />,
  },
  {
    id: 'killed',
    title: 'Ended as',
    about: 'Its place among the guests that the kernel would end when memory is gone: oom_score.',
    sortBy: ({ killedAs }) => killedAs,
    cell: ({ killedAs }) =>
      killedAs === undefined ? <span className="missing">not known</span> : `number ${killedAs}`,
  },
]
