import { type KeyboardEvent, memo } from 'react'
import table from './table.module.css'
import type { TableColumn } from './table-column.ts'

interface TableRowProps<T> {
  readonly id: string
  /** Key of its line. */
  readonly line: string
  readonly index: number
  /** Place in the whole table for those who hear it; absent where the whole table is drawn. */
  readonly ariaIndex: number | undefined
  readonly row: T
  readonly columns: readonly TableColumn<T>[]
  readonly onOpen: ((row: T) => void) | undefined
  readonly onStep: (line: string, key: string) => boolean
  readonly measure: ((element: HTMLTableRowElement | null) => void) | undefined
}

/** Drawn again only when its row or the columns change. */
export const TableRow = memo(PlainTableRow) as typeof PlainTableRow

function PlainTableRow<T>(props: TableRowProps<T>) {
  const { id, line, index, ariaIndex, row, columns, onOpen, onStep, measure } = props
  const cells = columns.map((column) => (
    <td key={column.id} className={column.numeric ? table.num : undefined}>
      {column.cell(row)}
    </td>
  ))
  const marks = {
    'data-row': id,
    'data-line': line,
    'data-index': index,
    'aria-rowindex': ariaIndex,
    ref: measure,
  }
  if (!onOpen) return <tr {...marks}>{cells}</tr>
  const press = (event: KeyboardEvent<HTMLTableRowElement>) => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return
    if (event.key === 'Enter') onOpen(row)
    else if (!onStep(line, event.key)) return
    event.preventDefault()
  }
  return (
    <tr {...marks} className={table.link} tabIndex={0} onKeyDown={press} onClick={() => onOpen(row)}>
      {cells}
    </tr>
  )
}
