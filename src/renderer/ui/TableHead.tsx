import { Tooltip } from '@mantine/core'
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react'
import { memo } from 'react'
import table from './table.module.css'
import type { TableColumn } from './table-column.ts'

interface TableHeadProps<T> {
  readonly column: TableColumn<T>
  readonly sorted?: 'asc' | 'desc' | false
  /** Hears the id of the column. */
  readonly onSort: (id: string, event: unknown) => void
}

/** One head, with the button that sorts by its column. Drawn again only when the column or the order changes. */
export const TableHead = memo(PlainTableHead) as typeof PlainTableHead

function PlainTableHead<T>({ column, sorted, onSort }: TableHeadProps<T>) {
  const direction = sorted === 'asc' ? 'ascending' : sorted === 'desc' ? 'descending' : undefined
  const Arrow = sorted === 'desc' ? IconArrowDown : IconArrowUp
  const inner = (
    <>
      {column.head ?? column.title}
      {sorted && <Arrow size={12} aria-hidden />}
    </>
  )
  const head = column.sortBy ? (
    <button type="button" onClick={(event) => onSort(column.id, event)}>
      {inner}
    </button>
  ) : (
    <span {...(column.about && { tabIndex: 0 })}>{inner}</span>
  )
  return (
    <th
      scope="col"
      className={column.numeric ? table.num : undefined}
      aria-sort={direction}
      style={column.width === undefined ? undefined : { width: column.width }}
    >
      {column.about ? <Tooltip label={column.about}>{head}</Tooltip> : head}
    </th>
  )
}
