// The time ranges that charts offer.

const minute = 60_000
const hour = 60 * minute

export const ranges = [
  { id: '15m', label: '15 min', milliseconds: 15 * minute },
  { id: '1h', label: '1 h', milliseconds: hour },
  { id: '6h', label: '6 h', milliseconds: 6 * hour },
  { id: '24h', label: '24 h', milliseconds: 24 * hour },
  { id: '7d', label: '7 d', milliseconds: 7 * 24 * hour },
] as const

export type RangeId = (typeof ranges)[number]['id']

export function rangeOf(id: RangeId): (typeof ranges)[number] {
  return ranges.find((range) => range.id === id) ?? ranges[0]
}

const shortestShownMs = 2 * minute

/** The part of a range that has samples: a host added just now fills its charts, and the axis says since when. */
export function shownRange(range: Range, at: readonly number[] | undefined): Range {
  const first = at?.[0]
  if (first === undefined) return range
  return { from: Math.max(range.from, Math.min(first, range.to - shortestShownMs)), to: range.to }
}

export interface Range {
  readonly from: number
  readonly to: number
}

export const chartPoints = 450
const shortestRenewalMs = 2_000
const longestRenewalMs = 60_000

/** New points appear about this often; a young history still shows its first ones soon. */
export function renewalMs(rangeMs: number): number {
  return Math.min(longestRenewalMs, Math.max(shortestRenewalMs, Math.round(rangeMs / chartPoints)))
}
