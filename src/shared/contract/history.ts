// History: the cheap figures sampled every 2 s on a host (no hashing), and series of them for charts.
import { z } from 'zod'
import { problemSchema } from '../problem.ts'
import { listOf, most, recordOf } from './bounded.ts'
import { guestMerging, guestUser } from './guests.ts'
import { imageId } from './images.ts'
import { ksmStatus } from './ksm.ts'
import { metricName, sampledGaugeValues } from './metrics.ts'
import { objectOf } from './object-of.ts'
import {
  arrivedAt,
  bytes,
  count,
  figure,
  instant,
  name,
  path,
  perSecond,
  pid,
  ratio,
  seconds,
  unreadable,
} from './quantity.ts'

/** Read requests of a guest to its disks, as QEMU counts them. Asked every ten seconds or so, and repeated in between. */
const guestDiskReads = objectOf(() => ({
  /** When QEMU was asked, by the helper's monotonic clock. */
  monotonicSeconds: seconds,
  /** Cumulative over its disks since the guest started. */
  readRequests: count,
  /** Cumulative: how long those requests took. Absent: this QEMU does not tell. */
  readSeconds: z.number().nonnegative().max(1e12).optional(),
  /** Since it was asked before. Absent: it was asked once only. */
  readsPerSecond: perSecond.optional(),
  /** Mean of the requests since it was asked before. Absent: there were none, or QEMU does not tell. */
  readLatencySeconds: seconds.optional(),
}))
export type GuestDiskReads = z.infer<typeof guestDiskReads>

/** Of one core. */
const coreRatio = z.number().nonnegative().max(1e6)

const sampledGuest = objectOf(() => ({
  pid,
  name,
  user: guestUser.optional(),
  rssBytes: bytes,
  /** Of its process, all threads, since it started: its vCPUs and QEMU's own work. Source: /proc/<pid>/stat. */
  cpuSeconds: seconds.optional(),
  /**
   * Of one core, over the time since the sample before: more than 1 where several vCPUs work. Set by the workbench alone.
   * Absent: the two samples do not both have `cpuSeconds` of this process.
   */
  cpuRatio: coreRatio.optional(),
  /** Cumulative, /proc/<pid>/io: asked of the host by read calls. */
  rcharBytes: bytes.optional(),
  /**
   * Cumulative, counted by QEMU: read requests of the guest. Reported where io_uring or native AIO keep reads out of
   * rchar, as far as the guest's monitor can be reached.
   */
  blockReadBytes: bytes.optional(),
  /** Absent: its monitor did not tell, see `monitorProblem`. */
  diskReads: guestDiskReads.optional(),
  /** Share of the last 10 s in which some task of its control group waited for storage: io.pressure of cgroup v2. */
  ioPressureRatio: ratio.optional(),
  /** Why there is no `ioPressureRatio`; or, beside it, that the figure covers more than this guest. */
  ioPressureNote: z.string().max(512).optional(),
  /** Cumulative, /proc/<pid>/io: fetched from storage. May exceed rchar by readahead. */
  readBytes: bytes.optional(),
  /** ksm_merging_pages × page size; over-counts, for trends only. */
  mergingBytes: bytes.optional(),
  /** Looked up every few minutes and after each switch. */
  merging: guestMerging.optional(),
  /**
   * Why its merging cannot be switched and its disk reads are not reported: it has no monitor to spare, or its monitor
   * failed when it was last asked.
   */
  monitorProblem: problemSchema.optional(),
}))
export type SampledGuest = z.infer<typeof sampledGuest>

const sampledImage = objectOf(() => ({
  path,
  id: imageId.optional(),
  residentBytes: bytes,
  /** Absent: this kernel does not tell, or not of this file system. */
  dirtyBytes: bytes.optional(),
}))
export type SampledImage = z.infer<typeof sampledImage>

/** Cumulative figures of /proc/diskstats of one disk that holds images. */
const sampledDisk = objectOf(() => ({
  /** `major:minor`. */
  device: z.string().max(32),
  reads: count,
  readSeconds: z.number().nonnegative().max(1e12),
}))
export type SampledDisk = z.infer<typeof sampledDisk>

/** `askMonitors`: reads of guests are those of this moment, not of some seconds ago; a monitor that failed stays left out. */
export const sampling = z.object({ askMonitors: z.boolean().optional() })

export const sample = objectOf(() => ({
  /** By the host's clock. */
  at: instant,
  arrivedAt,
  /** By the helper's monotonic clock, which starts anywhere: for the time between two samples of one helper. */
  monotonicSeconds: seconds,
  memory: z.object({ totalBytes: bytes, freeBytes: bytes, availableBytes: bytes, cachedBytes: bytes }),
  /** As metrics.ts lists them. Absent: this kernel does not report it. */
  gauges: sampledGaugeValues,
  ksm: ksmStatus.optional(),
  guests: listOf(sampledGuest, most.guests),
  images: listOf(sampledImage, most.images),
  /** Disks under the images. Empty: the kernel counts none of them (tmpfs, network and some copy-on-write file systems). */
  disks: listOf(sampledDisk, most.disks).optional(),
  /** Cumulative since boot, of /proc/vmstat. Absent: this kernel does not count it. */
  events: z.object({ mergeBreaks: count.optional(), hugePageSplits: count.optional() }).optional(),
  /** That all processors together spent at work since boot. Source: /proc/stat. */
  busyCpuSeconds: seconds.optional(),
  /** Of one core, over the time since the sample before. Set by the workbench alone. Absent: not both have `busyCpuSeconds`. */
  busyCpuRatio: coreRatio.optional(),
  helper: z.object({ cpuSeconds: seconds, rssBytes: bytes }),
  unreadable: listOf(unreadable, most.unreadable),
}))
export type Sample = z.infer<typeof sample>

/** Parallel arrays; null where nothing was reported in the bucket. */
export const series = objectOf(() => ({
  at: z.array(instant).max(most.points),
  metrics: z.partialRecord(metricName, z.array(figure.nullable()).max(most.points)),
  /** Per guest name: hit ratio of the interval; null without reads. */
  guestHitRatio: recordOf(name, z.array(figure.nullable()).max(most.points), most.guestNames),
  /** Per guest name, as its QEMU counts; null where it did not tell. */
  guestReadsPerSecond: recordOf(name, z.array(figure.nullable()).max(most.points), most.guestNames),
  /** Per guest name: mean time of a read request; null without reads. */
  guestReadLatencySeconds: recordOf(name, z.array(figure.nullable()).max(most.points), most.guestNames),
  /** Per guest name: share of time in which its control group waited for storage; null where that was not reported. */
  guestIoPressureRatio: recordOf(name, z.array(figure.nullable()).max(most.points), most.guestNames),
  /** Per guest name: CPU of its process, of one core; null where that was not reported. */
  guestCpuRatio: recordOf(name, z.array(figure.nullable()).max(most.points), most.guestNames),
}))
export type Series = z.infer<typeof series>

export const pointCount = count.max(5000)
