// A comparison of hosts as text: the ranking, and how far each is from the others.
import type { ComparedView } from '../figures/compare.ts'
import { formatUnit } from '../figures/format-unit.ts'
import { tableLines } from './table.ts'
import { ownLines } from './terminal.ts'

/** Hosts without a figure are listed as such. Pure. */
export function formatComparison({ rows, unit, notes }: ComparedView, title: string): string {
  const cell = (value: number | undefined) => (value === undefined ? 'not reported' : formatUnit(unit, value))
  const lines = rows.map(({ rank, name, mean, first, last, change, toMedian }) => [
    rank === undefined ? '' : String(rank),
    name,
    ...[mean, first, last, change, toMedian].map(cell),
  ])
  return ownLines([
    title,
    ...tableLines(['rank', 'host', 'mean', 'first tenth', 'last tenth', 'change', 'to the median'], lines),
    ...notes,
  ])
}
