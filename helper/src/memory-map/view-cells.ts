// What a view needs of a strip: the pages of each state in each cell, equal neighbours as one run. Pure.
import { pageStates } from '../../../src/shared/contract/memory-map.ts'
import type { Strip } from './strip.ts'

export interface StripCells {
  readonly from: number
  readonly to: number
  readonly cellPages: number
  readonly runs: number[]
}

/** `cells` at most, of at least one page; outside of the strip there is nothing. */
export function viewCells(
  { pages, sums }: Pick<Strip, 'pages' | 'sums'>,
  range: { readonly from: number; readonly to: number },
  cells: number,
): StripCells {
  const from = Math.min(range.from, pages)
  const to = Math.max(from, Math.min(range.to, pages))
  const cellPages = Math.max(1, Math.ceil((to - from) / cells))
  const runs: number[] = []
  const counts = new Uint32Array(pageStates.length)
  const before = new Uint32Array(pageStates.length)
  let length = 0
  for (let start = from; start < to; start += cellPages) {
    counts.fill(0)
    sums.count(start, Math.min(to, start + cellPages), counts)
    if (length > 0 && !areSame(counts, before)) {
      pushRun(runs, length, before)
      length = 0
    }
    before.set(counts)
    length += 1
  }
  if (length > 0) pushRun(runs, length, before)
  return { from, to, cellPages, runs }
}

function areSame(a: Uint32Array, b: Uint32Array): boolean {
  for (let state = 0; state < a.length; state += 1) if (a[state] !== b[state]) return false
  return true
}

/** `counts`: the pages of each state in one of the run's cells. */
function pushRun(runs: number[], length: number, counts: Uint32Array): void {
  let mask = 0
  for (let state = 0; state < counts.length; state += 1) if (counts[state] !== 0) mask |= 1 << state
  runs.push(length, mask)
  for (let state = 0; state < counts.length; state += 1)
    if (counts[state] !== 0) runs.push(counts[state] as number)
}
