// What a comparison says: values by the chosen yardstick, their ranking, and how far each is from the others. Pure.
import type { ComparedHost, ComparedMeans, ComparisonPer } from '../contract/compared-means.ts'
import { type MetricName, metrics } from '../contract/metrics.ts'
import { medianOf } from '../statistics/median.ts'
import { betterOf } from './metric-title.ts'

export interface ComparedRow {
  readonly key: string
  readonly name: string
  /** Mean over the range. */
  readonly mean: number | undefined
  readonly first: number | undefined
  readonly last: number | undefined
  /** Last less first. */
  readonly change: number | undefined
  /** Mean less the median of all. */
  readonly toMedian: number | undefined
  /** 1 is best; where neither more nor less is better, 1 is most. Absent: nothing was reported. */
  readonly rank: number | undefined
}

export interface ComparedLine {
  readonly key: string
  readonly name: string
  readonly values: readonly (number | null)[]
}

export interface ComparedView {
  /** Of values: a ratio where they are relative to a baseline. */
  readonly unit: (typeof metrics)[MetricName]['unit']
  readonly lines: readonly ComparedLine[]
  /** Best first. */
  readonly rows: readonly ComparedRow[]
  /** Hosts that this yardstick does not fit, and why. */
  readonly notes: readonly string[]
}

const gib = 2 ** 30

/** Shares of one core, added up over all guests or processors. */
const growing: ReadonlySet<MetricName> = new Set(['guestCpuRatio', 'hostCpuRatio'])

/** Shares of a whole are the same for every size of host: they are not divided by RAM. */
export function fitsRam(metric: MetricName): boolean {
  if (growing.has(metric)) return true
  return metrics[metric].unit !== 'ratio' && metrics[metric].unit !== 'seconds'
}

/** Hosts that the yardstick does not fit are named in the notes. Pure. */
export function compare(
  { hosts }: Pick<ComparedMeans, 'hosts'>,
  { metric, per, nameOf }: { metric: MetricName; per: ComparisonPer; nameOf: (key: string) => string },
): ComparedView {
  const used = per === 'gib' && !fitsRam(metric) ? 'host' : per
  const notes =
    used === per ? [] : ['A share is the same for every size of host, so it is not divided by RAM.']
  const scaled = hosts.flatMap((host) => {
    const scale = scaleOf(host, used)
    if (scale === undefined) {
      notes.push(
        `${nameOf(host.hostId)}: ${used === 'gib' ? 'was not assessed, so its RAM is not known' : 'nothing was reported at the beginning of the range, or it was 0'}.`,
      )
      return []
    }
    return [{ host, scale }]
  })
  const rows = scaled.map(({ host, scale }) => rowOf(host, scale, nameOf(host.hostId)))
  const means = rows.flatMap(({ mean }) => mean ?? [])
  const median = means.length === 0 ? undefined : medianOf(means)
  const ranked = rows.toSorted((a, b) => compareMeans(a.mean, b.mean, betterOf(metric)))
  return {
    unit: used === 'baseline' ? 'ratio' : metrics[metric].unit,
    lines: scaled.map(({ host, scale }) => ({
      key: host.hostId,
      name: nameOf(host.hostId),
      values: host.values.map((value) => (value === null ? null : scale(value))),
    })),
    rows: ranked.map((row, index) => ({
      ...row,
      rank: row.mean === undefined ? undefined : index + 1,
      toMedian: row.mean === undefined || median === undefined ? undefined : row.mean - median,
    })),
    notes,
  }
}

type Scale = (value: number) => number

function scaleOf({ first, guestRamBytes }: ComparedHost, per: ComparisonPer): Scale | undefined {
  if (per === 'host') return (value) => value
  const by = per === 'gib' ? (guestRamBytes ?? 0) / gib : (first ?? 0)
  return by === 0 ? undefined : (value) => value / by
}

function rowOf({ hostId, mean, first, last }: ComparedHost, scale: Scale, name: string) {
  const [shownMean, shownFirst, shownLast] = [mean, first, last].map((value) =>
    value === undefined ? undefined : scale(value),
  )
  const change = shownFirst === undefined || shownLast === undefined ? undefined : shownLast - shownFirst
  return { key: hostId, name, mean: shownMean, first: shownFirst, last: shownLast, change }
}

function compareMeans(
  a: number | undefined,
  b: number | undefined,
  better: 'less' | 'more' | undefined,
): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? 1 : -1
  return better === 'less' ? a - b : b - a
}
