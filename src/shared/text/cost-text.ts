// Lines below a result: what could not be read, and what it cost.
import type { Cost, Unreadable } from '../contract/quantity.ts'
import { formatBytes, formatSeconds } from '../units.ts'
import { inLine } from './terminal.ts'

/** One line for each thing that could not be read. Pure. */
export function formatNotes(unreadable: readonly Unreadable[]): string {
  return unreadable.map(({ path, problem }) => `${inLine(path)}: ${inLine(problem.message)}\n`).join('')
}

/** One line. Pure. */
export function formatCost(cost: Cost): string {
  return (
    `took ${formatSeconds(cost.wallSeconds)}, ${formatSeconds(cost.cpuSeconds)} of CPU; ` +
    `hashed ${formatBytes(cost.hashedBytes)}; at most ${formatBytes(cost.peakRssBytes)} of memory\n`
  )
}
