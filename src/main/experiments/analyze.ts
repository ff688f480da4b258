// From the valid phases of an experiment to ratios of pairs, estimates and the verdict. Pure.
import {
  type Comparison,
  type Experiment,
  type ExperimentMetric,
  type ExperimentPlan,
  type ExperimentResult,
  experimentMetrics,
  type Verdict,
} from '../../shared/contract/index.ts'
import { medianOf } from '../../shared/statistics/median.ts'
import { withValue } from '../../shared/with-value.ts'
import { caveatsOf } from './caveats.ts'
import { estimateRatios } from './estimate.ts'
import { isPerGuest } from './metric-values.ts'
import { guestNames, guestSeries, hostSeries, meanOfSeries, type PairValues } from './pair-series.ts'
import { type ValidPair, validPairs } from './schedule.ts'
import { bootstrapInterval, meanOf } from './statistics/bootstrap.ts'
import { judge } from './verdict.ts'

/** What follows from the phases that are valid so far: the same phases and seed give the same result. */
export function analyzeExperiment(experiment: Experiment): ExperimentResult {
  const { plan, hosts } = experiment
  const metrics = [plan.metric, ...experimentMetrics.filter((metric) => metric !== plan.metric)]
  const perHost = hosts.map((host) => {
    const pairs = validPairs(host)
    const series = new Map(metrics.map((metric) => [metric, hostSeries(pairs, plan, metric)]))
    return { hostId: host.hostId, series, guests: guestsOf(pairs, plan, metrics) }
  })
  const seriesOf = (metric: ExperimentMetric) => perHost.map(({ series }) => series.get(metric) ?? [])
  const { seed } = plan
  const fleet = metrics.flatMap(
    (metric) => compare(metric, meanOfSeries(metric, seriesOf(metric)), seed) ?? [],
  )
  return {
    verdict: judge(
      plan,
      fleet.find(({ metric }) => metric === plan.metric),
    ),
    fleet,
    ...withValue({ overHosts: overHosts(seriesOf(plan.metric), plan) }),
    hosts: perHost.map(({ hostId, guests, series }) => ({
      hostId,
      comparisons: [...series].flatMap(([metric, pairs]) => compare(metric, pairs, seed) ?? []),
      guests,
    })),
    caveats: caveatsOf(experiment),
  }
}

/** The verdict alone, for lists: without resamples. */
export function judgeExperiment({ plan, hosts }: Experiment): Verdict {
  const series = meanOfSeries(
    plan.metric,
    hosts.map((host) => hostSeries(validPairs(host), plan, plan.metric)),
  )
  return judge(plan, compare(plan.metric, series))
}

function guestsOf(
  pairs: readonly ValidPair[],
  plan: ExperimentPlan,
  metrics: readonly ExperimentMetric[],
): ExperimentResult['hosts'][number]['guests'] {
  return guestNames(pairs).map((name) => ({
    name,
    comparisons: metrics
      .filter((metric) => isPerGuest[metric])
      .flatMap((metric) => compare(metric, guestSeries(pairs, { name, metric, plan })) ?? []),
  }))
}

function compare(
  metric: ExperimentMetric,
  series: readonly PairValues[],
  seed?: number,
): Comparison | undefined {
  if (series.length === 0) return undefined
  const ratios = series.map(({ pair, values }): [number, number] => [pair, values[1] / values[0]])
  return {
    metric,
    levels: [
      medianOf(series.map(({ values }) => values[0])),
      medianOf(series.map(({ values }) => values[1])),
    ],
    estimate: estimateRatios(
      ratios.map(([, ratio]) => ratio),
      seed,
    ),
    ratios,
  }
}

/** What hosts like these would gain, as far as a few of them tell. */
function overHosts(
  perHost: readonly (readonly PairValues[])[],
  { seed }: ExperimentPlan,
): ExperimentResult['overHosts'] {
  const logs = perHost
    .filter((series) => series.length > 0)
    .map((series) => medianOf(series.map(({ values }) => Math.log(values[1] / values[0]))))
  if (logs.length < 2) return undefined
  const interval = bootstrapInterval(logs, meanOf, { seed })
  return {
    hosts: logs.length,
    ratio: Math.exp(logs.reduce((sum, one) => sum + one, 0) / logs.length),
    ...withValue({ interval: interval && { low: Math.exp(interval.low), high: Math.exp(interval.high) } }),
  }
}
