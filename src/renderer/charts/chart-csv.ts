// What a chart shows, as CSV: a line for each instant, in UTC; empty where nothing was reported. Pure.
import type { Mark } from '../../shared/contract/index.ts'
import { csvOf, guard } from '../../shared/text/csv.ts'
import type { ChartLayer, ChartRow } from './chart-rows.ts'

export function chartCsv(
  rows: readonly ChartRow[],
  layers: readonly ChartLayer[],
  unit: string,
  marks: readonly Mark[],
): string {
  const head = ['at', ...layers.map(({ label }) => guard(`${label}, ${unit}`)), 'events']
  const lines = rows.map((row, index) => [
    new Date(row.at).toISOString(),
    ...layers.map(({ key }) => row[key]?.toString() ?? ''),
    guard(marksUntil(marks, row.at, rows[index + 1]?.at ?? Number.POSITIVE_INFINITY)),
  ])
  return csvOf([head, ...lines])
}

/** Texts of the marks from an instant to before the next. */
export function marksUntil(marks: readonly Mark[], from: number, to: number): string {
  return marks
    .filter(({ at }) => at >= from && at < to)
    .map(({ text }) => text)
    .join('; ')
}
