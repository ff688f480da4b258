// Builds the series of a chart from rows, reads per guest and events. Pure.
import type { CounterMetricName, MetricName, Series, StepName, SumName } from '../../shared/contract/index.ts'
import { metrics } from '../../shared/contract/index.ts'
import { type Group, groupRows, slotsOf, spreadOver } from './downsample.ts'
import type { SeriesQuery } from './history.ts'

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
  switch (metrics[metric].kind) {
    case 'gauge':
      return groups.flatMap((group) => gaugeOver(metric, group))
    case 'step':
      return groups.flatMap(slotsOf).map((at) => stepAt(events, at)?.[metric as StepName] ?? null)
    case 'counter':
      return groups.flatMap((group) =>
        slotsOf(group).map(() => quotientOver(metric as CounterMetricName, group)),
      )
  }
}

function gaugeOver(metric: MetricName, group: RowGroup): (number | null)[] {
  const spreads = group.rows.map(({ values }) => ({
    value: values[metric] ?? null,
    min: values[`${metric}Min`] ?? null,
    max: values[`${metric}Max`] ?? null,
  }))
  return spreadOver(spreads, slotsOf(group).length)
}

/** Of the whole group: a quotient of sums. Negative where more was read ahead than asked for: charts show it as it is. */
function quotientOver(name: CounterMetricName, { rows }: RowGroup): number | null {
  const metric = metrics[name]
  // A row that lacks one of the two belongs to no series.
  const known = rows.filter(({ values }) => isKnown(values, metric.column) && isKnown(values, metric.per))
  const [grown, per] = [sumOver(known, metric.column), sumOver(known, metric.per)]
  if (grown === null || per === null || per === 0) return null
  return 'complement' in metric ? 1 - grown / per : grown / per
}

function isKnown(values: HistoryRow['values'], column: SumName): boolean {
  return values[column] !== null && values[column] !== undefined
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
