// History: the cheap figures sampled every 2 s on a host (no hashing), and series of them for charts.
import { z } from 'zod'
import { problemSchema } from '../problem.ts'
import { guestMerging } from './guests.ts'
import { ksmStatus } from './ksm.ts'
import { bytes, count, instant, name, path, pid, seconds, unreadable } from './quantity.ts'

export const sampledGuest = z.object({
  pid,
  name,
  rssBytes: bytes,
  /** Cumulative, /proc/<pid>/io: asked of the host by read calls. */
  rcharBytes: bytes.optional(),
  /**
   * Cumulative, counted by QEMU: read requests of the guest. Reported where io_uring or native AIO keep reads out of
   * rchar, as far as the guest's monitor can be reached.
   */
  blockReadBytes: bytes.optional(),
  /** Cumulative, /proc/<pid>/io: fetched from storage. May exceed rchar by readahead. */
  readBytes: bytes.optional(),
  writeBytes: bytes.optional(),
  /** ksm_merging_pages × page size; over-counts, for trends only. */
  mergingBytes: bytes.optional(),
  cpuSeconds: seconds.optional(),
  /** Looked up every few minutes and after each switch. */
  merging: guestMerging.optional(),
  /** Why its merging cannot be switched: it has no monitor to spare, or its monitor failed when it was last asked. */
  monitorProblem: problemSchema.optional(),
})
export type SampledGuest = z.infer<typeof sampledGuest>

export const sampledImage = z.object({ path, residentBytes: bytes, dirtyBytes: bytes.optional() })
export type SampledImage = z.infer<typeof sampledImage>

export const sample = z.object({
  at: instant,
  memory: z.object({
    totalBytes: bytes,
    freeBytes: bytes,
    availableBytes: bytes,
    cachedBytes: bytes,
    dirtyBytes: bytes,
    anonBytes: bytes,
    anonHugeBytes: bytes.optional(),
    swapTotalBytes: bytes,
    swapFreeBytes: bytes,
  }),
  /** PSI "some" avg10 of /proc/pressure/memory as a ratio; absent where the kernel has none. */
  memoryPressureRatio: z.number().min(0).max(1).optional(),
  ksm: ksmStatus.optional(),
  guests: z.array(sampledGuest),
  images: z.array(sampledImage),
  helper: z.object({ cpuSeconds: seconds, rssBytes: bytes }),
  unreadable: z.array(unreadable),
})
export type Sample = z.infer<typeof sample>

/** Metrics of a host over time. Each is one line in a chart; names carry their unit. */
export const metricNames = [
  'guestResidentBytes', // sum of guests' rss
  'imageCacheBytes', // resident page cache of images
  'otherCacheBytes', // Cached − imageCache
  'freeBytes',
  'otherUsedBytes', // the rest of MemTotal
  'availableBytes',
  'mergedBytes',
  'doubleCachedBytes', // from assessments and scrubs only: stepwise
  'reclaimableBytes', // likewise
  'pagesShared',
  'pagesSharing',
  'pagesUnshared',
  'pagesVolatile',
  'hitRatio', // over all guests, of the interval: 1 − readBytes/rchar
  'ksmdCpuRatio', // of one core
  'helperCpuRatio',
] as const
export const metricName = z.enum(metricNames)
export type MetricName = z.infer<typeof metricName>

/** Parallel arrays; null where nothing was reported in the bucket. */
export const series = z.object({
  at: z.array(instant),
  metrics: z.partialRecord(metricName, z.array(z.number().nullable())),
  /** Per guest name: hit ratio of the interval; null without reads. */
  guestHitRatio: z.record(z.string(), z.array(z.number().nullable())),
})
export type Series = z.infer<typeof series>

export const pointCount = count.max(5000)
