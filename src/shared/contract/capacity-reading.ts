// What a helper reads of its host for an estimate of capacity (capacity.ts). No guest memory is looked at.
import { z } from 'zod'
import { listOf, most } from './bounded.ts'
import { objectOf } from './object-of.ts'
import {
  arrivedAt,
  bytes,
  count,
  figure,
  instant,
  name,
  perSecond,
  pid,
  seconds,
  unreadable,
} from './quantity.ts'

const readGuest = objectOf(() => ({
  pid,
  name,
  /** RSS of its process: RAM, QEMU's own memory and what merging made common. */
  rssBytes: bytes,
  /** VmPTE: page tables of its process. Absent: not reported. */
  pageTableBytes: bytes.optional(),
  /** VmSwap. Absent: not reported. */
  swapBytes: bytes.optional(),
  /** What its balloon leaves it, as QEMU says. */
  balloonBytes: bytes.optional(),
  /** It has no such device. */
  hasNoBalloon: z.literal(true).optional(),
  /** Why `balloonBytes` is not known. */
  balloonNote: z.string().max(512).optional(),
  /** Cores that its process kept busy during the look, and since it started. */
  cpuCores: figure.nonnegative().optional(),
  lifeCpuCores: figure.nonnegative().optional(),
  /** Bytes a second fetched from storage for it, during the look and since it started. */
  fetchedPerSecond: perSecond.optional(),
  lifeFetchedPerSecond: perSecond.optional(),
  /** /proc/<pid>/oom_score: the kernel ends the highest first. Absent: not readable. */
  oomScore: count.optional(),
}))
export type ReadGuest = z.infer<typeof readGuest>

/** What a helper reads for an estimate of capacity: two looks, a moment apart, at counters of /proc and /sys. */
export const capacityReading = objectOf(() => ({
  at: instant,
  arrivedAt,
  /** Between the two looks, by the helper's monotonic clock. */
  lookSeconds: seconds,
  pageSize: count,
  memory: z.object({
    totalBytes: bytes,
    freeBytes: bytes,
    availableBytes: bytes,
    cachedBytes: bytes,
    swapTotalBytes: bytes,
    swapFreeBytes: bytes,
    /** Committed_AS and CommitLimit of /proc/meminfo. Absent: not reported. */
    committedBytes: bytes.optional(),
    commitLimitBytes: bytes.optional(),
  }),
  /** The memory control group with a limit that all guests share, and the next one would. Absent: the host limits them. */
  limit: z
    .object({
      groups: listOf(name, most.guests),
      limitBytes: bytes,
      usedBytes: bytes,
      /** Page cache charged to them. Absent: not reported. */
      cacheBytes: bytes.optional(),
    })
    .optional(),
  processors: count,
  /** Cores that were busy during the look, of all processes. Absent: not reported. */
  busyCores: figure.nonnegative().optional(),
  /** The disks under the images: how much of the look the busiest had a request under way. Absent: none is counted. */
  storage: z.object({ busyRatio: figure.nonnegative(), reads: count }).optional(),
  /** Absent: this kernel has no KSM. */
  merging: z
    .object({
      mergedBytes: bytes,
      scanning: z.boolean(),
      /** cow_ksm of /proc/vmstat, during the look and since the host booted. Absent: not reported (before Linux 5.19). */
      breaksPerSecond: perSecond.optional(),
      bootBreaksPerSecond: perSecond.optional(),
    })
    .optional(),
  guests: listOf(readGuest, most.guests),
  unreadable: listOf(unreadable, most.unreadable),
}))
export type CapacityReading = z.infer<typeof capacityReading>
