// What it takes when merged pages break, whom it hurts, and what the policy would do.
import type { BadDay, HurtGuest } from '../../shared/contract/index.ts'
import { formatBytes, formatSeconds } from '../../shared/units.ts'
import { DataTable } from '../ui/DataTable.tsx'
import type { TableColumn } from '../ui/table-column.ts'
import { Answer } from './Answer.tsx'
import classes from './capacity.module.css'

interface BadDayTableProps {
  readonly badDay: BadDay
  readonly label: string
}

export function BadDayTable({ badDay, label }: BadDayTableProps) {
  const rows = [
    ['Merged', badDay.merged, formatBytes],
    ['Memory that broken pages can take', badDay.spare, formatBytes],
    ['Breaks a second, at the rate seen', badDay.rate, formatBytes],
    ['Until memory is gone at that rate', badDay.rateSeconds, formatSeconds],
    ['Missing if all break at once', badDay.worstMissing, formatBytes],
    ['Until then, at the fastest', badDay.worstSeconds, formatSeconds],
  ] as const
  return (
    <>
      <h3 className={classes.sub}>The bad day</h3>
      <table className={classes.figures} aria-label={`The bad day, ${label}`} data-testid="bad-day">
        <tbody>
          {rows.map(([name, answer, format]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>
                <Answer answer={answer} format={format} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
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
    about: 'What merging saves of it: what it takes when all of its merged pages break.',
    numeric: true,
    sortBy: ({ mergedBytes }) => mergedBytes,
    cell: ({ mergedBytes }) => formatBytes(mergedBytes),
  },
  {
    id: 'broke',
    title: 'Broke a second',
    about: 'Merged pages that it lost between the assessments that the workbench keeps, at least.',
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
