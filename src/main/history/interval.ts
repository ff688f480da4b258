// One row of history: the gauges of a sample, and what was used and read since the sample before it. Pure.
import type { Sample } from '../../shared/contract/index.ts'
import { cpuSecondsBetween, readsBetween } from './sample-deltas.ts'

export const gaugeNames = [
  'guestResidentBytes',
  'imageCacheBytes',
  'otherCacheBytes',
  'freeBytes',
  'otherUsedBytes',
  'availableBytes',
  'mergedBytes',
  'pagesShared',
  'pagesSharing',
  'pagesUnshared',
  'pagesVolatile',
] as const
export type GaugeName = (typeof gaugeNames)[number]

/** They add up over intervals, so that a ratio of many intervals is a ratio of sums and not a mean of ratios. */
export const sumNames = [
  'seconds',
  'askedBytes',
  'fetchedBytes',
  'helperCpuSeconds',
  'ksmdCpuSeconds',
] as const
export type SumName = (typeof sumNames)[number]

export interface IntervalReads {
  readonly guest: string
  readonly askedBytes: number
  readonly fetchedBytes: number
}

export interface Interval {
  readonly at: number
  readonly gauges: Readonly<Record<GaugeName, number | null>>
  readonly sums: Readonly<Record<SumName, number | null>>
  /** Only guests that read something. */
  readonly reads: readonly IntervalReads[]
}

/** Longer than this between two samples is a gap: nothing is known about the time in it. */
const longestIntervalMs = 30_000

export function measureInterval(before: Sample | undefined, sample: Sample): Interval {
  const near = before && sample.at - before.at <= longestIntervalMs ? before : undefined
  const reads = near
    ? [...readsBetween(near, sample)].map(([guest, { askedBytes, fetchedBytes }]) => ({
        guest,
        askedBytes,
        fetchedBytes,
      }))
    : []
  return {
    at: sample.at,
    gauges: gaugesOf(sample),
    sums: sumsOf(near, sample, reads),
    reads: reads.filter(({ askedBytes, fetchedBytes }) => askedBytes > 0 || fetchedBytes > 0),
  }
}

function gaugesOf(sample: Sample): Record<GaugeName, number | null> {
  const { memory, ksm } = sample
  const guestResidentBytes = sample.guests.reduce((sum, guest) => sum + guest.rssBytes, 0)
  const imageCacheBytes = sample.images.reduce((sum, image) => sum + image.residentBytes, 0)
  // The cache of block devices counts as Buffers, not as Cached, so the image cache may be the larger one.
  const otherCacheBytes = Math.max(0, memory.cachedBytes - imageCacheBytes)
  // RSS counts a merged page in every guest that maps it; in memory it is there once.
  const guestFrameBytes = guestResidentBytes - (ksm?.mergedBytes ?? 0)
  const known = memory.freeBytes + imageCacheBytes + otherCacheBytes + Math.max(0, guestFrameBytes)
  return {
    guestResidentBytes,
    imageCacheBytes,
    otherCacheBytes,
    freeBytes: memory.freeBytes,
    otherUsedBytes: Math.max(0, memory.totalBytes - known),
    availableBytes: memory.availableBytes,
    mergedBytes: ksm?.mergedBytes ?? null,
    pagesShared: ksm?.counters.pagesShared ?? null,
    pagesSharing: ksm?.counters.pagesSharing ?? null,
    pagesUnshared: ksm?.counters.pagesUnshared ?? null,
    pagesVolatile: ksm?.counters.pagesVolatile ?? null,
  }
}

function sumsOf(
  before: Sample | undefined,
  sample: Sample,
  reads: readonly IntervalReads[],
): Record<SumName, number | null> {
  if (!before) {
    return {
      seconds: null,
      askedBytes: null,
      fetchedBytes: null,
      helperCpuSeconds: null,
      ksmdCpuSeconds: null,
    }
  }
  const { helper, ksmd } = cpuSecondsBetween(before, sample)
  return {
    seconds: (sample.at - before.at) / 1000,
    askedBytes: reads.reduce((sum, { askedBytes }) => sum + askedBytes, 0),
    fetchedBytes: reads.reduce((sum, { fetchedBytes }) => sum + fetchedBytes, 0),
    helperCpuSeconds: helper,
    ksmdCpuSeconds: ksmd ?? null,
  }
}
