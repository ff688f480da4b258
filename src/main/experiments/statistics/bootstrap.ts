// BCa intervals (bias corrected and accelerated, Efron 1987) of a statistic, by seeded resamples. Pure.
import { medianOfSorted } from '../../../shared/statistics/median.ts'
import { createRandom } from '../../../shared/statistics/random.ts'
import { normalQuantile, normalShareBelow } from './normal.ts'

const defaultResamples = 10_000

export interface BootstrapInterval {
  readonly low: number
  readonly high: number
}

interface BootstrapOptions {
  readonly seed: number
  readonly level?: number
  readonly resamples?: number
}

/** Of values that it may reorder: one buffer serves all resamples. */
type Statistic = (values: Float64Array) => number

/** NaN without values. */
export const meanOf: Statistic = (values) => values.reduce((sum, value) => sum + value, 0) / values.length
/** Sorts what it is given. NaN without values. */
export const sortedMedian: Statistic = (values) => medianOfSorted(values.sort())

/** undefined with fewer than two values: nothing varies. */
export function bootstrapInterval(
  values: readonly number[],
  statistic: Statistic,
  { seed, level = 0.95, resamples = defaultResamples }: BootstrapOptions,
): BootstrapInterval | undefined {
  if (values.length < 2) return undefined
  const found = statistic(Float64Array.from(values))
  const replicates = resample(values, statistic, seed, resamples)
  const below = replicates.reduce((sum, one) => sum + (one < found ? 1 : one === found ? 0.5 : 0), 0)
  // All on one side leaves no finite correction: half a resample is put on the other.
  const bias = normalQuantile(Math.min(resamples - 0.5, Math.max(0.5, below)) / resamples)
  const acceleration = accelerationOf(values, statistic)
  const place = (share: number) => {
    const z = bias + normalQuantile(share)
    return percentileOf(replicates, normalShareBelow(bias + z / (1 - acceleration * z)))
  }
  return { low: place((1 - level) / 2), high: place((1 + level) / 2) }
}

/** Sorted. */
function resample(
  values: readonly number[],
  statistic: Statistic,
  seed: number,
  resamples: number,
): Float64Array {
  const random = createRandom(seed)
  const source = Float64Array.from(values)
  const drawn = new Float64Array(values.length)
  const replicates = new Float64Array(resamples)
  for (let at = 0; at < resamples; at += 1) {
    for (let index = 0; index < drawn.length; index += 1)
      drawn[index] = source[random.below(source.length)] ?? 0
    replicates[at] = statistic(drawn)
  }
  return replicates.sort()
}

/** From the statistic with each value left out in turn; 0 where leaving one out changes nothing. */
function accelerationOf(values: readonly number[], statistic: Statistic): number {
  const left = values.map((_, index) => statistic(Float64Array.from(values.toSpliced(index, 1))))
  const mean = left.reduce((sum, one) => sum + one, 0) / left.length
  const power = (exponent: number) => left.reduce((sum, one) => sum + (mean - one) ** exponent, 0)
  const spread = power(2)
  return spread === 0 ? 0 : power(3) / (6 * spread ** 1.5)
}

function percentileOf(sorted: Float64Array, share: number): number {
  const place = Math.min(sorted.length - 1, Math.max(0, share * (sorted.length - 1)))
  const [low, high] = [sorted[Math.floor(place)] ?? Number.NaN, sorted[Math.ceil(place)] ?? Number.NaN]
  return low + (high - low) * (place - Math.floor(place))
}
