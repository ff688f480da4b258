// What the ratios of pairs say together. All is done on logarithms: half and double are the same distance from 1. Pure.
import type { Estimate, ExperimentMetric } from '../../shared/contract/index.ts'
import { medianOf } from '../../shared/statistics/median.ts'
import { withValue } from '../../shared/with-value.ts'
import { bootstrapInterval, sortedMedian } from './statistics/bootstrap.ts'
import { rankInterval, testSignedRanks, typicalValue } from './statistics/signed-rank.ts'

/** `seed`: of the resamples of the median; absent: it has no interval of its own. */
export function estimateRatios(ratios: readonly number[], seed?: number): Estimate {
  const logs = ratios.map(Math.log)
  const { pValue, rankBiserial } = testSignedRanks(logs)
  const interval = rankInterval(logs)
  const median = seed === undefined ? undefined : bootstrapInterval(logs, sortedMedian, { seed })
  return {
    pairs: ratios.length,
    ratio: Math.exp(typicalValue(logs)),
    medianRatio: Math.exp(medianOf(logs)),
    pValue,
    effectSize: rankBiserial,
    ...withValue({
      interval: interval && {
        low: Math.exp(interval.low),
        high: Math.exp(interval.high),
        coverage: interval.coverage,
      },
      medianInterval: median && { low: Math.exp(median.low), high: Math.exp(median.high) },
    }),
  }
}

/**
 * Of the values of several guests or hosts: geometric, but arithmetic for the hit ratio, since a guest that hits
 * nothing has ratios of any size. NaN without values.
 */
export function meanValue(metric: ExperimentMetric, values: readonly number[]): number {
  if (metric !== 'hit-ratio') return geometricMean(values)
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Of values above 0. NaN without values. */
function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length)
}
