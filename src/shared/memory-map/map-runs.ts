// Reads the runs of a view of the memory map (contract/memory-map.ts). Pure; allocates nothing for a cell.
import { pageStates } from '../contract/memory-map.ts'

/** Called for each run of equal cells: where it begins, how many they are, and the pages by state of one (reused). */
export type OnRun = (first: number, cells: number, pages: Uint32Array) => void

/** Stops at what makes no sense: runs come from a host. */
export function readRuns(runs: readonly number[], onRun: OnRun): void {
  const pages = new Uint32Array(pageStates.length)
  let first = 0
  for (let at = 0; at + 1 < runs.length; ) {
    const cells = runs[at] ?? 0
    const mask = runs[at + 1] ?? 0
    at += 2
    for (let state = 0; state < pageStates.length; state += 1) {
      const has = (mask & (1 << state)) !== 0
      pages[state] = has ? (runs[at] ?? 0) : 0
      if (has) at += 1
    }
    if (cells === 0 || mask === 0) return
    onRun(first, cells, pages)
    first += cells
  }
}

/** Index of the state that most pages have; of equals the one that counts first. */
export function mainState(counts: Uint32Array): number {
  let most = 0
  for (let state = 1; state < counts.length; state += 1) {
    if ((counts[state] ?? 0) > (counts[most] ?? 0)) most = state
  }
  return most
}
