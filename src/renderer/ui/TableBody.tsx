import type { ReactNode } from 'react'
import { TableRow } from './TableRow.tsx'
import table from './table.module.css'
import type { TableColumn } from './table-column.ts'
import { type Piece, sectionsOf, type TableLine } from './table-lines.ts'

export interface BodyRow<T> {
  readonly id: string
  readonly original: T
}

interface TableBodyProps<T> {
  readonly lines: readonly TableLine<BodyRow<T>>[]
  readonly pieces: readonly Piece[]
  readonly columns: readonly TableColumn<T>[]
  readonly onOpen: ((row: T) => void) | undefined
  readonly onStep: (line: string, key: string) => boolean
  /** Absent: the whole table is drawn. */
  readonly measure: ((element: HTMLTableRowElement | null) => void) | undefined
  readonly empty: ReactNode
}

/** A section for each group. Lines that are left out are gaps, and those that stand tell their place in the whole. */
export function TableBody<T>({ lines, pieces, empty, ...parts }: TableBodyProps<T>) {
  const { columns } = parts
  if (lines.length === 0) {
    return (
      <tbody>
        <tr>
          <td colSpan={columns.length} className="missing">
            {empty}
          </td>
        </tr>
      </tbody>
    )
  }
  const lineOf = (piece: Piece | undefined) => (piece && 'index' in piece ? lines[piece.index] : undefined)
  const sections = sectionsOf(pieces, (index) => lines[index]?.kind === 'head')
  return sections.map((section) => {
    const [first] = section
    const head = lineOf(first)
    return (
      <tbody key={head?.kind === 'head' ? head.key : ''}>
        {section.map((piece) => {
          if ('gap' in piece)
            return <Gap key={`gap ${piece.nth}`} height={piece.gap} columns={columns.length} />
          const line = lineOf(piece)
          return line && <Line key={line.key} line={line} index={piece.index} {...parts} />
        })}
      </tbody>
    )
  })
}

interface LineProps<T> extends Pick<TableBodyProps<T>, 'columns' | 'onOpen' | 'onStep' | 'measure'> {
  readonly line: TableLine<BodyRow<T>>
  readonly index: number
}

function Line<T>({ line, index, ...parts }: LineProps<T>) {
  // The row of heads is the first.
  const ariaIndex = parts.measure && index + 2
  if (line.kind === 'row') {
    const { id, original } = line.row
    return <TableRow id={id} line={line.key} index={index} ariaIndex={ariaIndex} row={original} {...parts} />
  }
  return (
    <tr className={table.group} data-index={index} aria-rowindex={ariaIndex} ref={parts.measure}>
      <th scope="rowgroup" colSpan={parts.columns.length}>
        {line.head}
      </th>
    </tr>
  )
}

/** Stands for the lines that are left out. */
function Gap({ height, columns }: { readonly height: number; readonly columns: number }) {
  return (
    <tr className={table.gap} aria-hidden>
      <td colSpan={columns} style={{ height }} />
    </tr>
  )
}
