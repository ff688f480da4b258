// Builds the series of a chart from rows, reads per guest and events. Pure.
import type { CounterMetricName, MetricName, Series, StepName, SumName } from '../../shared/contract/index.ts'
import { metrics } from '../../shared/contract/index.ts'
import { type Group, groupRows, slotsOf, spreadOver } from './downsample.ts'
import type { SeriesQuery } from './history.ts'
import { type ReadsColumn, readsColumns } from './history-schema.ts'

export interface HistoryRow {
  readonly at: number
  /** Mean, least and most by column name; null where not reported. */
  readonly values: Readonly<Record<string, number | null>>
}

export interface ReadsRow {
  readonly at: number
  readonly guest: string
  readonly values: Readonly<Record<ReadsColumn, number | null>>
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

/** Metrics over time, at most as many points as asked. A gap in the rows stays a gap. */
export function buildSeries(query: SeriesQuery, source: SeriesSource): Series {
  const groups = groupRows(source.rows, { ...query, gapMs: source.gapMs })
  const metrics: Series['metrics'] = {}
  for (const metric of query.metrics) metrics[metric] = metricOver(metric, groups, source.events)
  return {
    at: groups.flatMap((group) => slotsOf(group)),
    metrics,
    ...guestSeries(groups, source.reads),
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

function stepAt(events: readonly StepEvent[], at: number): StepEvent | undefined {
  return events.findLast((event) => event.at <= at)
}

type GuestSeries = Pick<
  Series,
  | 'guestHitRatio'
  | 'guestReadsPerSecond'
  | 'guestReadLatencySeconds'
  | 'guestIoPressureRatio'
  | 'guestCpuRatio'
>
type ReadsSums = Partial<Record<ReadsColumn, number>>

function guestSeries(groups: readonly RowGroup[], reads: readonly ReadsRow[]): GuestSeries {
  const sums = sumReads(groups, reads)
  const slotCounts = groups.map((group) => slotsOf(group).length)
  const over = (figure: (sums: ReadsSums) => number | null) => {
    const entries = [...sums].map(([guest, perGroup]): [string, (number | null)[]] => [
      guest,
      slotCounts.flatMap((slots, index) =>
        Array.from({ length: slots }, () => figure(perGroup.get(index) ?? {})),
      ),
    ])
    // A guest of which this was never known has no line.
    return Object.fromEntries(entries.filter(([, values]) => values.some((value) => value !== null)))
  }
  return {
    guestHitRatio: over(({ askedBytes, fetchedBytes }) => {
      // Negative where more was read ahead than asked for: the chart shows it as it is.
      const missRatio = quotient(fetchedBytes, askedBytes)
      return missRatio === null ? null : 1 - missRatio
    }),
    guestReadsPerSecond: over(({ requests, observedSeconds }) => quotient(requests, observedSeconds)),
    guestReadLatencySeconds: over(({ requestSeconds, timedRequests }) =>
      quotient(requestSeconds, timedRequests),
    ),
    guestIoPressureRatio: over(({ ioWaitMs, ioPressureMs }) => quotient(ioWaitMs, ioPressureMs)),
    guestCpuRatio: over(({ cpuMs, cpuObservedMs }) => quotient(cpuMs, cpuObservedMs)),
  }
}

function quotient(sum: number | undefined, per: number | undefined): number | null {
  return sum === undefined || per === undefined || per === 0 ? null : sum / per
}

/** By guest, a sum for each group in which it has one. */
function sumReads(
  groups: readonly RowGroup[],
  reads: readonly ReadsRow[],
): Map<string, ReadonlyMap<number, ReadsSums>> {
  const starts = groups.map(({ from }) => from)
  const sums = new Map<string, Map<number, ReadsSums>>()
  let index = 0
  // Both are in order of time, so the group only moves on.
  for (const { at, guest, values } of reads) {
    while ((starts[index + 1] ?? Number.POSITIVE_INFINITY) <= at) index += 1
    const perGroup = sums.get(guest) ?? new Map<number, ReadsSums>()
    sums.set(guest, perGroup)
    if (index >= groups.length) continue
    const sum = perGroup.get(index) ?? {}
    perGroup.set(index, sum)
    for (const name of readsColumns) {
      const value = values[name]
      if (value !== null) sum[name] = (sum[name] ?? 0) + value
    }
  }
  return sums
}
