// Counters that only rise until whatever counts begins anew.

/** By how much it rose; undefined where one reading is missing, or it began anew between them. Pure. */
export function riseOf(before: number | undefined, now: number | undefined): number | undefined {
  return before === undefined || now === undefined || now < before ? undefined : now - before
}
