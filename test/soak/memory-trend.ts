// The trend of a process's memory: does it grow, by how much, and how sure is that?

export interface MemorySample {
  readonly seconds: number
  readonly bytes: number
}

export interface MemoryTrend {
  readonly slopeMiBPerHour: number
  /** The true slope is within ± this in 95 of 100 runs. */
  readonly marginMiBPerHour: number
  /** Means of the first and the last quarter after the warm-up. */
  readonly firstMiB: number
  readonly lastMiB: number
  readonly largestMiB: number
}

const MIB = 2 ** 20
/** Of the run: caches and compiled code fill up. */
const WARM_UP_RATIO = 0.2
// Neighbouring samples are alike, which would make a line through them look surer than it is: means of blocks are not.
const BLOCKS = 20
/** Student's t for 95 %, two-sided, 20 blocks less the two parameters of a line. */
const T_95 = 2.101

/** Least squares through the means of 20 blocks of time. Needs at least 40 samples, evenly spread. */
export function measureTrend(samples: readonly MemorySample[]): MemoryTrend {
  const kept = samples.slice(Math.floor(samples.length * WARM_UP_RATIO))
  if (kept.length < 2 * BLOCKS)
    throw new Error(`cannot measure a trend: ${samples.length} samples are too few`)
  const blocks = Array.from({ length: BLOCKS }, (_, index) => {
    const block = kept.slice((index * kept.length) / BLOCKS, ((index + 1) * kept.length) / BLOCKS)
    return { hours: mean(block.map(({ seconds }) => seconds)) / 3600, mib: meanMiB(block) }
  })
  const { slope, standardError } = fitLine(blocks.map(({ hours, mib }) => [hours, mib]))
  const quarter = Math.floor(kept.length / 4)
  return {
    slopeMiBPerHour: slope,
    marginMiBPerHour: T_95 * standardError,
    firstMiB: meanMiB(kept.slice(0, quarter)),
    lastMiB: meanMiB(kept.slice(-quarter)),
    largestMiB: Math.max(...samples.map(({ bytes }) => bytes)) / MIB,
  }
}

/** What may not be exceeded: 32 MiB between the quarters, or a slope that is surely above 32 MiB an hour. */
export const GROWTH_BOUND_MIB = 32

/** undefined: it does not grow, as far as the run can tell. */
export function describeGrowth(trend: MemoryTrend): string | undefined {
  const { slopeMiBPerHour: slope, marginMiBPerHour: margin, firstMiB, lastMiB } = trend
  if (lastMiB - firstMiB > GROWTH_BOUND_MIB)
    return `memory went from ${firstMiB.toFixed(1)} to ${lastMiB.toFixed(1)} MiB`
  // Within a short run a slope may be anything: it must also have brought something.
  const isSure = slope - margin > GROWTH_BOUND_MIB && lastMiB - firstMiB > GROWTH_BOUND_MIB / 8
  return isSure ? `memory grows by ${slope.toFixed(1)} ± ${margin.toFixed(1)} MiB an hour` : undefined
}

function fitLine(points: readonly (readonly [number, number])[]) {
  const meanX = mean(points.map(([x]) => x))
  const meanY = mean(points.map(([, y]) => y))
  const spread = sum(points.map(([x]) => (x - meanX) ** 2))
  const slope = sum(points.map(([x, y]) => (x - meanX) * (y - meanY))) / spread
  const residual = sum(points.map(([x, y]) => (y - meanY - slope * (x - meanX)) ** 2))
  return { slope, standardError: Math.sqrt(residual / (points.length - 2) / spread) }
}

function meanMiB(samples: readonly MemorySample[]): number {
  return mean(samples.map(({ bytes }) => bytes)) / MIB
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
