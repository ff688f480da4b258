// The wall clock, for labels and stored times only. It steps: elapsed time, rates, waits, budgets and expiry are taken
// from `performance.now()`. No other file asks for the time of day; scripts/wall-clock.test.ts holds that.

/** Milliseconds since the epoch. Never subtracted, compared or added to. */
export function wallClock(): number {
  return Date.now()
}

/** The present in the name of a file: no colons, sorted by time. */
export function fileStamp(): string {
  return new Date().toISOString().replaceAll(':', '-')
}
