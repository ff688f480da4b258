import { Tooltip } from '@mantine/core'
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react'
import table from './table.module.css'
import type { TableColumn } from './table-column.ts'

interface TableHeadProps<T> {
  readonly column: TableColumn<T>
  readonly sorted?: 'asc' | 'desc' | false
  readonly onSort?: ((event: unknown) => void) | undefined
}

/** One head, with the button that sorts by its column. */
export function TableHead<T>({ column, sorted, onSort }: TableHeadProps<T>) {
  const direction = sorted === 'asc' ? 'ascending' : sorted === 'desc' ? 'descending' : undefined
  const Arrow = sorted === 'desc' ? IconArrowDown : IconArrowUp
  const inner = (
    <>
      {column.head ?? column.title}
      {sorted && <Arrow size={12} aria-hidden />}
    </>
  )
  const head = column.sortBy ? (
    <button type="button" onClick={onSort}>
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
