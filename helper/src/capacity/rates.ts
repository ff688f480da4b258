// Rates of counters that only grow.
import { riseOf } from '../../../src/shared/statistics/counter.ts'

export interface Counted {
  /** By a clock that only goes forward. */
  readonly atSeconds: number
}

/** A second, between two looks. undefined: not counted in one of them, the counter went back, or no time passed. Pure. */
export function rateBetween<L extends Counted>(
  before: L,
  after: L,
  counterOf: (look: L) => number | undefined,
): number | undefined {
  const rise = riseOf(counterOf(before), counterOf(after))
  const elapsed = after.atSeconds - before.atSeconds
  return rise === undefined || elapsed <= 0 ? undefined : rise / elapsed
}

/** Younger than this a process has done little but start. */
const youngSeconds = 10

/** A second, since it began to be counted. undefined: not counted, or too young to tell. Pure. */
export function rateSince(counter: number | undefined, ageSeconds: number | undefined): number | undefined {
  return counter === undefined || ageSeconds === undefined || ageSeconds < youngSeconds
    ? undefined
    : counter / ageSeconds
}
