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

export const chartPoints = 450
const shortestRenewalMs = 2_000

/** New points appear this often, so asking more often brings nothing. */
export function renewalMs(rangeMs: number): number {
  return Math.max(shortestRenewalMs, Math.round(rangeMs / chartPoints))
}
