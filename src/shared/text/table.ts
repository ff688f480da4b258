// Plain-text tables: columns as wide as their widest cell.
import { inLine } from './terminal.ts'

/** Longer cells lose their middle: a path may have 4,096 characters, and its end tells it apart. */
const maxCellLength = 256
/** Of a path and the identity behind it. */
const maxTextLength = 8192

/** Lines of a table. Columns whose heading starts with a space are set to the right. No row: no table at all. */
export function tableLines(headings: readonly string[], rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return []
  const texts = rows.map((row) => headings.map((_, column) => cut(inLine(row[column] ?? '', maxTextLength))))
  const widths = headings.map((heading, column) =>
    Math.max(heading.trim().length, ...texts.map((row) => lengthOf(row[column] ?? ''))),
  )
  const line = (cells: readonly string[]) =>
    headings
      .map((heading, column) => {
        const cell = (cells[column] ?? '').trim()
        const room = ' '.repeat(Math.max(0, (widths[column] ?? 0) - lengthOf(cell)))
        return heading.startsWith(' ') ? `${room}${cell}` : `${cell}${room}`
      })
      .join('  ')
      .trimEnd()
  return [line(headings), ...texts.map(line)]
}

/** The lines of a table, each with its end. Pure. */
export function formatTable(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  return tableLines(headings, rows)
    .map((text) => `${text}\n`)
    .join('')
}

/** As a terminal counts: code points, not the halves of those beyond the first plane. */
function lengthOf(text: string): number {
  return [...text].length
}

function cut(text: string): string {
  const characters = [...text]
  if (characters.length <= maxCellLength) return text
  const half = maxCellLength / 2
  return `${characters.slice(0, half - 1).join('')}…${characters.slice(-half).join('')}`
}
