// What a chart shows, as CSV: a line for each instant, in UTC; empty where nothing was reported. Pure.
import type { Mark } from '../../shared/contract/index.ts'
import type { ChartLayer, ChartRow } from './chart-rows.ts'

export function chartCsv(
  rows: readonly ChartRow[],
  layers: readonly ChartLayer[],
  unit: string,
  marks: readonly Mark[],
): string {
  const head = ['at', ...layers.map(({ label }) => `${label}, ${unit}`), 'events']
  const lines = rows.map((row, index) => [
    new Date(row.at).toISOString(),
    ...layers.map(({ key }) => row[key]?.toString() ?? ''),
    marksUntil(marks, row.at, rows[index + 1]?.at ?? Number.POSITIVE_INFINITY),
  ])
  return [head, ...lines].map((cells) => `${cells.map(quote).join(',')}\r\n`).join('')
}

/** Texts of the marks from an instant to before the next. */
export function marksUntil(marks: readonly Mark[], from: number, to: number): string {
  return marks
    .filter(({ at }) => at >= from && at < to)
    .map(({ text }) => text)
    .join('; ')
}

/** A cell that a spreadsheet would take for a formula begins with an apostrophe. */
function quote(cell: string): string {
  const safe = /^[=+@\t\r]|^-(?![\d.])/.test(cell) ? `'${cell}` : cell
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
