// Decides when merging has come to its end. Pure.

export interface Reading {
  readonly at: number
  readonly mergedBytes: number
  readonly fullScans: number
}

const quietMs = 6000
/** A page must be seen twice to be merged, and smart_scan skips some for a scan or two. */
const leastScans = 3

/** Merged bytes grew by less than a hundredth over the last seconds, after enough full scans. */
export function isPlateau(readings: readonly Reading[]): boolean {
  const [first, last] = [readings[0], readings.at(-1)]
  if (!first || !last || last.fullScans - first.fullScans < leastScans) return false
  const earlier = readings.findLast(({ at }) => at <= last.at - quietMs)
  if (!earlier) return false
  return last.mergedBytes - earlier.mergedBytes <= (last.mergedBytes - first.mergedBytes) / 100
}
