// One table for all screens: sortable heads, keyboard rows, a footer for totals. Sorting is react-table's.
import { Tooltip } from '@mantine/core'
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react'
import {
  type ColumnDef,
  createSortedRowModel,
  type Header,
  rowSortingFeature,
  tableFeatures,
  useTable,
} from '@tanstack/react-table'
import { type KeyboardEvent, memo, type ReactNode, useMemo } from 'react'

export interface TableColumn<T> {
  readonly id: string
  readonly title: string
  /** In place of the title, where a control stands at the head. */
  readonly head?: ReactNode
  /** What the column means and where its figure comes from. */
  readonly about?: string
  readonly numeric?: boolean
  readonly width?: number | string
  /** Absent: not sortable. Undefined values come last in both directions. */
  readonly sortBy?: (row: T) => number | string | undefined
  readonly cell: (row: T) => ReactNode
}

export interface RowGroup<T> {
  readonly key: string
  readonly head: ReactNode
  readonly holds: (row: T) => boolean
}

interface DataTableProps<T> {
  readonly label: string
  readonly rows: readonly T[]
  /** Rows are drawn again only when they or the columns change: keep both the same objects where possible. */
  readonly columns: readonly TableColumn<T>[]
  /** Totals by column id. */
  readonly footers?: Readonly<Record<string, ReactNode>>
  /** A row stands in every group that holds it. */
  readonly groups?: readonly RowGroup<T>[]
  readonly rowKey: (row: T) => string
  readonly initialSort?: { readonly id: string; readonly desc: boolean }
  readonly onOpen?: (row: T) => void
  readonly empty?: ReactNode
  readonly testId?: string
}

const features = tableFeatures({ rowSortingFeature, sortedRowModel: createSortedRowModel() })
type Features = typeof features

export function DataTable<T extends object>(props: DataTableProps<T>) {
  const { label, columns, footers, groups, rowKey, initialSort, onOpen, empty, testId } = props
  const data = useMemo(() => [...props.rows], [props.rows])
  const definitions = useMemo(() => columns.map((column) => definitionOf(column)), [columns])
  const table = useTable<Features, T>({
    features,
    columns: definitions,
    data,
    getRowId: rowKey,
    initialState: { sorting: initialSort ? [{ ...initialSort }] : [] },
    enableSortingRemoval: false,
  })
  const rows = table.getRowModel().rows
  const byId = new Map(columns.map((column) => [column.id, column]))
  const bodyRow = (row: (typeof rows)[number]) => (
    <BodyRow key={row.id} id={row.id} row={row.original} columns={columns} onOpen={onOpen} />
  )
  return (
    <table className="table" aria-label={label} data-testid={testId}>
      <thead>
        {table.getHeaderGroups().map((group) => (
          <tr key={group.id}>
            {group.headers.map((header) => (
              <HeadCell key={header.id} header={header} column={byId.get(header.column.id)} />
            ))}
          </tr>
        ))}
      </thead>
      {groups && rows.length > 0 ? (
        groups.map(({ key, head, holds }) => (
          <tbody key={key}>
            <tr className="group">
              <th scope="rowgroup" colSpan={columns.length}>
                {head}
              </th>
            </tr>
            {rows.filter((row) => holds(row.original)).map(bodyRow)}
          </tbody>
        ))
      ) : (
        <tbody>
          {rows.map(bodyRow)}
          {rows.length === 0 && (
            <tr>
              <td colSpan={columns.length} className="missing">
                {empty ?? 'Nothing to show.'}
              </td>
            </tr>
          )}
        </tbody>
      )}
      {footers && rows.length > 0 && (
        <tfoot>
          <tr>
            {columns.map((column) => (
              <td key={column.id} className={column.numeric ? 'num' : undefined}>
                {footers[column.id]}
              </td>
            ))}
          </tr>
        </tfoot>
      )}
    </table>
  )
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

interface HeadCellProps<T extends object> {
  readonly header: Header<Features, T>
  readonly column: TableColumn<T> | undefined
}

function HeadCell<T extends object>({ header, column }: HeadCellProps<T>) {
  if (!column) return null
  const sorted = header.column.getIsSorted()
  const direction = sorted === 'asc' ? 'ascending' : sorted === 'desc' ? 'descending' : undefined
  const Arrow = sorted === 'desc' ? IconArrowDown : IconArrowUp
  const inner = (
    <>
      {column.head ?? column.title}
      {sorted && <Arrow size={12} aria-hidden />}
    </>
  )
  const head = column.sortBy ? (
    <button type="button" onClick={header.column.getToggleSortingHandler()}>
      {inner}
    </button>
  ) : (
    <span>{inner}</span>
  )
  return (
    <th
      scope="col"
      className={column.numeric ? 'num' : undefined}
      aria-sort={direction}
      style={column.width === undefined ? undefined : { width: column.width }}
    >
      {column.about ? <Tooltip label={column.about}>{head}</Tooltip> : head}
    </th>
  )
}

interface BodyRowProps<T> {
  readonly id: string
  readonly row: T
  readonly columns: readonly TableColumn<T>[]
  readonly onOpen: ((row: T) => void) | undefined
}

const BodyRow = memo(PlainBodyRow) as typeof PlainBodyRow

function PlainBodyRow<T>({ id, row, columns, onOpen }: BodyRowProps<T>) {
  const cells = columns.map((column) => (
    <td key={column.id} className={column.numeric ? 'num' : undefined}>
      {column.cell(row)}
    </td>
  ))
  if (!onOpen) return <tr data-row={id}>{cells}</tr>
  const press = (event: KeyboardEvent<HTMLTableRowElement>) => {
    if (event.target !== event.currentTarget) return
    const sibling = neighbour(event.currentTarget, event.key)
    if (sibling) sibling.focus()
    else if (event.key === 'Enter') onOpen(row)
    else return
    event.preventDefault()
  }
  return (
    <tr className="link" data-row={id} tabIndex={0} onKeyDown={press} onClick={() => onOpen(row)}>
      {cells}
    </tr>
  )
}

function neighbour(row: HTMLTableRowElement, key: string): HTMLElement | undefined {
  const step = key === 'ArrowDown' ? 1 : key === 'ArrowUp' ? -1 : 0
  if (step === 0) return undefined
  const rows = [...(row.closest('table')?.querySelectorAll<HTMLElement>('tr.link') ?? [])]
  return rows[rows.indexOf(row) + step]
}
