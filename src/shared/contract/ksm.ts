// KSM: the kernel's counters and knobs under /sys/kernel/mm/ksm, named as the kernel names them.
import { z } from 'zod'
import { listOf, most } from './bounded.ts'
import { objectOf } from './object-of.ts'
import { bytes, count, instant, name, pid, seconds, signedBytes } from './quantity.ts'

/** Settings a journal can put back. Absent: this kernel has no such file. */
export const ksmSettings = objectOf(() => ({
  run: count,
  pagesToScan: count,
  sleepMillisecs: count,
  useZeroPages: count.optional(),
  mergeAcrossNodes: count.optional(),
  maxPageSharing: count.optional(),
  smartScan: count.optional(),
  /** Of khugepaged, not of KSM: it collapses ranges with so many merged pages, and unmerges them. */
  khugepagedMaxPtesShared: count.optional(),
  advisorMode: z.string().max(64).optional(),
  advisorMaxCpu: count.optional(),
  advisorMinPagesToScan: count.optional(),
  advisorMaxPagesToScan: count.optional(),
  advisorTargetScanTime: count.optional(),
}))
export type KsmSettings = z.infer<typeof ksmSettings>

export const ksmCounters = objectOf(() => ({
  pagesShared: count,
  pagesSharing: count,
  pagesUnshared: count,
  pagesVolatile: count,
  fullScans: count,
  pagesScanned: count.optional(),
  pagesSkipped: count.optional(),
  ksmZeroPages: count.optional(),
  generalProfitBytes: signedBytes.optional(),
  /** CPU time ksmd has used since boot: utime + stime of its /proc/<pid>/stat. */
  ksmdCpuSeconds: seconds.optional(),
}))
export type KsmCounters = z.infer<typeof ksmCounters>

const ksmBurstStates = [
  /** ksmd scans. */
  'running',
  /** Scanning has ended; what is left is being measured. */
  'measuring',
  /** What was measured before is freed. */
  'realised',
  /** More scanning would bring nothing, and something is left. */
  'exhausted',
  /** The most passes or the CPU budget are spent. */
  'given-up',
  /** Not begun: merging would free less than the threshold. */
  'not-worth-it',
  /** Ended from outside before its end. */
  'stopped',
  /** ksmd scans, but the helper that would end it is gone. */
  'unwatched',
] as const

/** Transparent huge pages of the host (AnonHugePages of /proc/meminfo). Merging splits them. */
const hugePagesOfBurst = objectOf(() => ({
  beforeBytes: bytes,
  afterMergingBytes: bytes,
  /** Absent: none were to be given back. */
  afterGivingBackBytes: bytes.optional(),
  /** Collapsed again: ranges that were split in vain. */
  givenBackBytes: bytes.optional(),
  givingBackSeconds: seconds.optional(),
  givingBackCpuSeconds: seconds.optional(),
}))

/** Scanning that ends when its work is done; what it merged stays merged. */
export const ksmBurst = objectOf(() => ({
  since: instant,
  state: z.enum(ksmBurstStates),
  /** Over all mergeable memory, since it began. */
  wholePasses: count,
  endedAt: instant.optional(),
  /** Why it ended, or did not begin: for people. */
  cause: z.string().max(200).optional(),
  /** What merging would free, measured just before. */
  potentialBytes: bytes.optional(),
  /** A burst is not begun below it. */
  thresholdBytes: bytes.optional(),
  /** By the counters and by splits. */
  freedBytes: bytes.optional(),
  /** Measured anew at the end. Absent: not measured. */
  leftBytes: bytes.optional(),
  /** Known reasons for what is left. */
  reasons: z.array(z.string().max(512)).max(16).optional(),
  /** Passes in which ksmd could compare nothing (docs/ksm.md), and what they cost. */
  voidPasses: count.optional(),
  voidCpuSeconds: seconds.optional(),
  /** Absent: /proc does not show ksmd. */
  ksmdCpuSeconds: seconds.optional(),
  hugePages: hugePagesOfBurst.optional(),
}))
export type KsmBurst = z.infer<typeof ksmBurst>

export const ksmStatus = objectOf(() => ({
  settings: ksmSettings,
  counters: ksmCounters,
  /** (pagesSharing + ksmZeroPages) × page size: what merging saves now. */
  mergedBytes: bytes,
  /** Set while a journal of the settings found exists: `restore` will put them back. */
  journaledSince: instant.optional(),
  /** Other programs that write the same knobs (ksmtuned, MOM, the kernel's advisor). */
  governors: listOf(name, most.programs),
  /** The last burst of `ksm/start`, until `ksm/restore`. Absent: none, or scanning without an end was asked for. */
  burst: ksmBurst.optional(),
}))
export type KsmStatus = z.infer<typeof ksmStatus>

/** One guest's merging, switched in its monitor without a restart. */
export const ksmMerge = z.object({
  /** By process, or by a name that only one guest has. */
  guest: z.union([pid, name.min(1)]),
  merge: z.boolean(),
})
export type KsmMerge = z.infer<typeof ksmMerge>

/** Without a rate, `ksm/start` is a burst, which ends when its work is done (docs/ksm.md). With one, it scans until it is stopped. */
export const ksmStart = z.object({
  pagesToScan: z.number().int().min(1).max(1_000_000).optional(),
  sleepMillisecs: z.number().int().min(0).max(60_000).optional(),
  /** Switch off the kernel's advisor if it is on; without it, an active advisor is refused as `busy`. */
  takeOver: z.boolean().optional(),
})
export type KsmStart = z.infer<typeof ksmStart>
