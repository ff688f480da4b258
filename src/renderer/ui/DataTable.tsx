// One table for all screens: sortable heads, keyboard rows, a footer for totals. Sorting is react-table's; of long
// tables only the lines near the window stand in the document.
import {
  type ColumnDef,
  createSortedRowModel,
  rowSortingFeature,
  tableFeatures,
  useTable,
} from '@tanstack/react-table'
import { type ReactNode, useCallback, useEffect, useMemo, useRef } from 'react'
import { type BodyRow, TableBody } from './TableBody.tsx'
import { TableHead } from './TableHead.tsx'
import table from './table.module.css'
import type { RowGroup, TableColumn } from './table-column.ts'
import { linesOf } from './table-lines.ts'
import { useLineWindow } from './use-line-window.ts'
import { useRowFocus } from './use-row-focus.ts'

interface DataTableProps<T> {
  readonly label: string
  readonly rows: readonly T[]
  /** Rows are drawn again only when they or the columns change: keep both the same objects where possible. */
  readonly columns: readonly TableColumn<T>[]
  /** Columns keep the widths they ask for, whatever the rows hold; what is left goes to those that ask for none. */
  readonly fixed?: boolean
  /** Totals by column id. */
  readonly footers?: Readonly<Record<string, ReactNode>>
  /** A row stands in every group that holds it. */
  readonly groups?: readonly RowGroup<T>[]
  readonly rowKey: (row: T) => string
  /** Height in pixels to reckon with until a row of a long table has been seen. */
  readonly rowHeight?: number
  readonly initialSort?: Sort
  /** Hears of each order that is chosen. */
  readonly onSort?: (sort: Sort) => void
  readonly onOpen?: (row: T) => void
  readonly empty?: ReactNode
  readonly testId?: string
}

const features = tableFeatures({ rowSortingFeature, sortedRowModel: createSortedRowModel() })
type Features = typeof features

export function DataTable<T extends object>(props: DataTableProps<T>) {
  const { label, columns, fixed, footers, rowHeight = 34, empty = 'Nothing to show.', testId } = props
  const { sortedOf, sort, lines } = useSortedLines(props)
  const element = useRef<HTMLTableElement>(null)
  const { kept, noteFocus, step } = useRowFocus(element, lines)
  const window = useLineWindow(element, lines, { lineHeight: rowHeight, kept })
  const hasFooter = footers !== undefined && lines.length > 0
  return (
    <table
      ref={element}
      className={table.table}
      data-fixed={fixed || undefined}
      aria-label={label}
      aria-rowcount={window && lines.length + 1 + (hasFooter ? 1 : 0)}
      data-testid={testId}
      onFocus={noteFocus}
    >
      <thead>
        <tr aria-rowindex={window && 1}>
          {columns.map((column) => (
            <TableHead key={column.id} column={column} sorted={sortedOf(column.id)} onSort={sort} />
          ))}
        </tr>
      </thead>
      <TableBody
        lines={lines}
        pieces={window?.pieces ?? lines.map((_, index) => ({ index }))}
        columns={columns}
        onOpen={props.onOpen}
        onStep={step}
        measure={window?.measure}
        empty={empty}
      />
      {hasFooter && (
        <tfoot>
          <tr aria-rowindex={window && lines.length + 2}>
            {columns.map((column) => (
              <td key={column.id} className={column.numeric ? table.num : undefined}>
                {footers[column.id]}
              </td>
            ))}
          </tr>
        </tfoot>
      )}
    </table>
  )
}

function useSortedLines<T extends object>(props: DataTableProps<T>) {
  const { columns, groups, rowKey, initialSort, onSort, rows } = props
  const data = useMemo(() => [...rows], [rows])
  const definitions = useMemo(() => columns.map((column) => definitionOf(column)), [columns])
  const table = useTable<Features, T>({
    features,
    columns: definitions,
    data,
    getRowId: rowKey,
    initialState: { sorting: initialSort ? [{ ...initialSort }] : [] },
    enableSortingRemoval: false,
  })
  // Another order was asked for from outside: by a saved view, or by the way back.
  const wanted = useRef(initialSort)
  useEffect(() => {
    if (!initialSort || isSame(wanted.current, initialSort)) return
    wanted.current = initialSort
    table.setSorting([{ ...initialSort }])
  }, [table, initialSort])
  const sorted = table.getRowModel().rows
  const lines = useMemo(() => linesOf<T, BodyRow<T>>(sorted, groups), [sorted, groups])
  // `useTable` returns another object with each drawing.
  const latest = useRef({ table, onSort })
  latest.current = { table, onSort }
  const sort = useCallback((id: string, event: unknown) => {
    const column = latest.current.table.getColumn(id)
    if (!column) return
    latest.current.onSort?.({ id, desc: column.getNextSortingOrder() === 'desc' })
    column.getToggleSortingHandler()?.(event)
  }, [])
  return { sortedOf: (id: string) => table.getColumn(id)?.getIsSorted() ?? false, sort, lines }
}

interface Sort {
  readonly id: string
  readonly desc: boolean
}

function isSame(one: Sort | undefined, other: Sort): boolean {
  return one?.id === other.id && one.desc === other.desc
}

function definitionOf<T extends object>(column: TableColumn<T>): ColumnDef<Features, T> {
  const { id, sortBy, numeric } = column
  return {
    id,
    accessorFn: (row: T) => sortBy?.(row),
    enableSorting: sortBy !== undefined,
    sortUndefined: 'last',
    sortDescFirst: numeric === true,
    sortFn: (a, b, columnId) => compare(a.getValue(columnId), b.getValue(columnId)),
  }
}

function compare(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return String(a).localeCompare(String(b), 'en', { numeric: true })
}
