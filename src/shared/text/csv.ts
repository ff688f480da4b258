// CSV by RFC 4180, of reports and of charts: no text in it runs as a formula.
import { stripControls } from './printable.ts'

/** Rows of cells, each row with its end. Cells must be guarded already. */
export function csvOf(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${row.map(quote).join(',')}\r\n`).join('')
}

/** Beginnings of formulas, the full-width ones included: spreadsheets of some languages take those alike. */
const formula = String.raw`=+\-@\uff1d\uff0b\uff0d\uff20`
const atStart = new RegExp(`^(\\s*)(?=[${formula}])`, 'u')
// A spreadsheet may split at these, whatever separator the file was written with.
const behindSeparator = new RegExp(`([;\\t\\n|]["\\s]*)(?=[${formula}])`, 'gu')

/**
 * Text of a host or person as the content of one cell. Spreadsheets run a text that begins like a formula; an
 * apostrophe before it keeps it a text. Characters that show nothing could hide the beginning, so they are gone.
 */
export function guard(text: string): string {
  const shown = stripControls(text.replace(/\r\n?/g, '\n'))
  const guarded = shown.replace(atStart, "$1'").replace(behindSeparator, "$1'")
  return /^[\t\n]/.test(guarded) ? `'${guarded}` : guarded
}

function quote(field: string): string {
  return /[",;\t\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field
}
