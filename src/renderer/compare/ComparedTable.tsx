// The ranking, and how far each host is from the others and from its own beginning.
import type { ComparedRow, ComparedView } from '../../shared/figures/compare.ts'
import { formatIn } from '../design/quantities.ts'
import { hostLink } from '../model/route.ts'
import { DataTable } from '../ui/DataTable.tsx'
import { Panel } from '../ui/Panel.tsx'
import type { TableColumn } from '../ui/table-column.ts'
import classes from './compare.module.css'

export function ComparedTable({ view: { rows, unit, notes } }: { readonly view: ComparedView }) {
  return (
    <Panel title="Differences" flush>
      <DataTable
        label="Differences"
        rows={rows}
        columns={columnsFor(unit)}
        rowKey={({ key }) => key}
        initialSort={{ id: 'rank', desc: false }}
        empty="No host has a figure in this range."
        testId="compare-table"
      />
      {notes.map((note) => (
        <p key={note} className={classes.hint}>
          {note}
        </p>
      ))}
    </Panel>
  )
}

function columnsFor(unit: ComparedView['unit']): TableColumn<ComparedRow>[] {
  const figure = (
    id: 'mean' | 'first' | 'last' | 'change' | 'toMedian',
    title: string,
    about: string,
  ): TableColumn<ComparedRow> => ({
    id,
    title,
    about,
    numeric: true,
    sortBy: (row) => row[id],
    cell: (row) => {
      const value = row[id]
      if (value === undefined) return <span className="missing">not reported</span>
      const isDifference = id === 'change' || id === 'toMedian'
      return (
        <span data-value={value}>{isDifference ? formatDifference(unit, value) : formatIn(unit, value)}</span>
      )
    },
  })
  return [
    {
      id: 'rank',
      title: 'Rank',
      numeric: true,
      width: 64,
      sortBy: ({ rank }) => rank,
      cell: ({ rank }) => rank ?? '',
    },
    {
      id: 'host',
      title: 'Host',
      sortBy: ({ name }) => name,
      cell: ({ key, name }) =>
        key === 'before' || key === 'after' ? name : <a href={hostLink(key)}>{name}</a>,
    },
    figure('mean', 'Mean', 'Over the whole range.'),
    figure('first', 'First tenth', 'Mean over the first tenth of what is recorded in the range.'),
    figure('last', 'Last tenth', 'Mean over the last tenth of what is recorded in the range.'),
    figure('change', 'Change', 'Last tenth less first tenth.'),
    figure('toMedian', 'To the median', 'Mean less the median of all rows.'),
  ]
}

/** One that rounds to nothing has no sign. */
function formatDifference(unit: ComparedView['unit'], value: number): string {
  const size = formatIn(unit, Math.abs(value))
  if (size === formatIn(unit, 0)) return size
  return `${value > 0 ? '+' : '−'}${size}`
}
