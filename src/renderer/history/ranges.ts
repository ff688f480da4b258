// The time ranges that charts offer, and how the address of a page says which one is shown. Pure.

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** They end now. */
export const ranges = [
  { id: '15m', label: '15 min', milliseconds: 15 * minute },
  { id: '1h', label: '1 h', milliseconds: hour },
  { id: '6h', label: '6 h', milliseconds: 6 * hour },
  { id: '24h', label: '24 h', milliseconds: day },
  { id: '7d', label: '7 d', milliseconds: 7 * day },
  { id: '30d', label: '30 d', milliseconds: 30 * day },
  { id: '90d', label: '90 d', milliseconds: 90 * day },
] as const

export type RangeId = (typeof ranges)[number]['id']

export interface Range {
  readonly from: number
  readonly to: number
}

/** A range that ends now, by its id, or two instants. */
export type RangeChoice = RangeId | Range

/** Closer than this, points of one sample each would stand far apart. */
const shortestRangeMs = 30_000
const earliestAt = Date.UTC(2000, 0)

function rangeOf(id: RangeId): (typeof ranges)[number] {
  return ranges.find((range) => range.id === id) ?? ranges[0]
}

/** What nobody could mean shows the shortest range. */
export function choiceOf(query: URLSearchParams): RangeChoice {
  const from = Date.parse(query.get('from') ?? '')
  const to = Date.parse(query.get('to') ?? '')
  if (from >= earliestAt && to - from >= shortestRangeMs) return { from, to }
  return baseOf(query)
}

/** The query with another range; what else it says stays. Two instants leave the range that they were found in. */
export function withChoice(query: URLSearchParams, choice: RangeChoice): URLSearchParams {
  const next = new URLSearchParams(query)
  for (const name of ['from', 'to']) next.delete(name)
  if (typeof choice === 'string') next.set('range', choice)
  else {
    next.set('from', new Date(choice.from).toISOString())
    next.set('to', new Date(choice.to).toISOString())
  }
  return next
}

/** The range that ends now from which two instants were chosen. */
export function baseOf(query: URLSearchParams): RangeId {
  return ranges.find(({ id }) => id === query.get('range'))?.id ?? '15m'
}

/** No shorter than can be shown, and not beyond the workbench's now. */
export function moderate({ from, to }: Range, now: number): Range {
  const end = Math.min(to, now)
  return { from: Math.max(earliestAt, Math.min(from, end - shortestRangeMs)), to: end }
}

export function rangeAt(choice: RangeChoice, now: number): Range {
  return typeof choice === 'string' ? { from: now - rangeOf(choice).milliseconds, to: now } : choice
}

const shortestShownMs = 2 * minute

/** The part of a range that has samples: a host added just now fills its charts, and the axis says since when. */
export function shownRange(range: Range, at: readonly number[] | undefined): Range {
  const first = at?.[0]
  if (first === undefined) return range
  return { from: Math.max(range.from, Math.min(first, range.to - shortestShownMs)), to: range.to }
}

export const chartPoints = 450
const shortestRenewalMs = 2_000
const longestRenewalMs = 60_000

/** New points appear about this often; a young history still shows its first ones soon. */
export function renewalMs(rangeMs: number): number {
  return Math.min(longestRenewalMs, Math.max(shortestRenewalMs, Math.round(rangeMs / chartPoints)))
}
