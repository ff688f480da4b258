import { useMemo } from 'react'
import type { Mark } from '../../shared/contract/index.ts'
import { formatIn, type Unit } from '../design/quantities.ts'
import { DataTable } from '../ui/DataTable.tsx'
import { formatMoment } from '../ui/moments.ts'
import type { TableColumn } from '../ui/table-column.ts'
import classes from './chart.module.css'
import { marksUntil } from './chart-csv.ts'
import type { ChartLayer, ChartRow } from './chart-rows.ts'

interface ChartTableProps {
  readonly title: string
  readonly unit: Unit
  readonly layers: readonly ChartLayer[]
  readonly rows: readonly ChartRow[]
  readonly marks: readonly Mark[]
  readonly height: number
}

/** The values of a chart, the newest first, with what happened until the next. */
export function ChartTable({ title, unit, layers, rows, marks, height }: ChartTableProps) {
  const columns = useMemo<TableColumn<ChartRow>[]>(() => {
    const next = new Map(rows.map((row, index) => [row, rows[index + 1]?.at ?? Number.POSITIVE_INFINITY]))
    return [
      { id: 'at', title: 'Time', sortBy: ({ at }) => at, cell: ({ at }) => formatMoment(at) },
      ...layers.map(({ key, label, about }) => ({
        id: key,
        title: label,
        ...(about !== undefined && { about }),
        numeric: true,
        sortBy: (row: ChartRow) => row[key] ?? undefined,
        cell: (row: ChartRow) => {
          const value = row[key]
          return value === null || value === undefined ? (
            <span className="missing">no value</span>
          ) : (
            formatIn(unit, value)
          )
        },
      })),
      {
        id: 'events',
        title: 'Events',
        cell: (row) => marksUntil(marks, row.at, next.get(row) ?? Number.POSITIVE_INFINITY),
      },
    ]
  }, [layers, rows, marks, unit])
  return (
    <section
      className={classes.table}
      style={{ maxHeight: Math.max(height, 240) }}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard.
      tabIndex={0}
      aria-label={`${title} as a table`}
    >
      <DataTable
        label={`${title} as a table`}
        rows={rows}
        columns={columns}
        rowKey={({ at }) => String(at)}
        initialSort={{ id: 'at', desc: true }}
        empty="No values in this range."
      />
    </section>
  )
}
