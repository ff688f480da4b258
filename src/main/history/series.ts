// Builds the series of a chart from rows, reads per guest and events. Pure.
import type { MetricName, Series } from '../../shared/contract/index.ts'
import { type Group, groupRows, slotsOf, spreadOver } from './downsample.ts'
import type { SeriesQuery } from './history.ts'
import { type GaugeName, gaugeNames, type SumName } from './interval.ts'

export interface HistoryRow {
  readonly at: number
  /** Mean, least and most by column name; null where not reported. */
  readonly values: Readonly<Record<string, number | null>>
}

export interface ReadsRow {
  readonly at: number
  readonly guest: string
  readonly askedBytes: number
  readonly fetchedBytes: number
}

export interface StepEvent {
  readonly at: number
  readonly doubleCachedBytes: number | null
  readonly reclaimableBytes: number | null
}

export interface SeriesSource {
  readonly rows: readonly HistoryRow[]
  readonly reads: readonly ReadsRow[]
  /** In order of time, beginning with the last one before the range. */
  readonly events: readonly StepEvent[]
  /** Distance at which rows of this resolution leave a gap. */
  readonly gapMs: number
}

type RowGroup = Group<HistoryRow>

export function buildSeries(query: SeriesQuery, source: SeriesSource): Series {
  const groups = groupRows(source.rows, { ...query, gapMs: source.gapMs })
  const metrics: Series['metrics'] = {}
  for (const metric of query.metrics) metrics[metric] = metricOver(metric, groups, source.events)
  return {
    at: groups.flatMap((group) => slotsOf(group)),
    metrics,
    guestHitRatio: guestRatios(groups, source.reads),
  }
}

function metricOver(
  metric: MetricName,
  groups: readonly RowGroup[],
  events: readonly StepEvent[],
): (number | null)[] {
  if (isGauge(metric)) return groups.flatMap((group) => gaugeOver(metric, group))
  if (metric === 'doubleCachedBytes' || metric === 'reclaimableBytes') {
    return groups.flatMap(slotsOf).map((at) => stepAt(events, at)?.[metric] ?? null)
  }
  return groups.flatMap((group) => slotsOf(group).map(() => ratioOver(metric, group)))
}

function isGauge(metric: MetricName): metric is GaugeName {
  return (gaugeNames as readonly string[]).includes(metric)
}

function gaugeOver(metric: GaugeName, group: RowGroup): (number | null)[] {
  const spreads = group.rows.map(({ values }) => ({
    value: values[metric] ?? null,
    min: values[`${metric}Min`] ?? null,
    max: values[`${metric}Max`] ?? null,
  }))
  return spreadOver(spreads, slotsOf(group).length)
}

type RatioMetric = 'hitRatio' | 'ksmdCpuRatio' | 'helperCpuRatio'

/** Of the whole group: a ratio of sums, so that a quiet interval does not weigh as much as a busy one. */
function ratioOver(metric: RatioMetric, { rows }: RowGroup): number | null {
  if (metric === 'hitRatio') return hitRatio(sumOver(rows, 'askedBytes'), sumOver(rows, 'fetchedBytes'))
  const cpu = sumOver(rows, metric === 'ksmdCpuRatio' ? 'ksmdCpuSeconds' : 'helperCpuSeconds')
  const seconds = sumOver(rows, 'seconds')
  return cpu === null || seconds === null || seconds === 0 ? null : cpu / seconds
}

function sumOver(rows: readonly HistoryRow[], name: SumName): number | null {
  const known = rows.flatMap(({ values }) => values[name] ?? [])
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0)
}

/** Negative where more was read ahead than asked for: the chart shows it as it is. */
function hitRatio(asked: number | null, fetched: number | null): number | null {
  return asked === null || fetched === null || asked === 0 ? null : 1 - fetched / asked
}

function stepAt(events: readonly StepEvent[], at: number): StepEvent | undefined {
  return events.findLast((event) => event.at <= at)
}

function guestRatios(groups: readonly RowGroup[], reads: readonly ReadsRow[]): Series['guestHitRatio'] {
  const starts = groups.map(({ from }) => from)
  const slotCounts = groups.map((group) => slotsOf(group).length)
  const sums = new Map<string, { asked: number; fetched: number }[]>()
  let index = 0
  // Both are in order of time, so the group only moves on.
  for (const { at, guest, askedBytes, fetchedBytes } of reads) {
    while ((starts[index + 1] ?? Number.POSITIVE_INFINITY) <= at) index += 1
    const perGroup = sums.get(guest) ?? groups.map(() => ({ asked: 0, fetched: 0 }))
    sums.set(guest, perGroup)
    const sum = perGroup[index]
    if (!sum) continue
    sum.asked += askedBytes
    sum.fetched += fetchedBytes
  }
  const ratiosOf = (perGroup: readonly { asked: number; fetched: number }[]) =>
    perGroup.flatMap(({ asked, fetched }, index) =>
      Array.from({ length: slotCounts[index] ?? 0 }, () => hitRatio(asked, fetched)),
    )
  return Object.fromEntries([...sums].map(([guest, perGroup]) => [guest, ratiosOf(perGroup)]))
}
