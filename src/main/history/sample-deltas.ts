// What happened between two samples: time, reads and CPU, from clocks and counters that only grow. Pure.
import type { Sample, SampledGuest } from '../../shared/contract/index.ts'
import { withValue } from '../../shared/with-value.ts'
import { labelGuests } from './guest-labels.ts'

export interface GuestReads {
  /** Asked of the host by read calls. */
  readonly askedBytes: number
  /** Fetched from storage for them; more than asked when the kernel reads ahead. */
  readonly fetchedBytes: number
}

/** Longer than this between two samples is a gap: nothing is known about the time in it. */
const longestIntervalSeconds = 30
/** Counters of a sample are read one after the other, and the kernel counts CPU in ticks. */
const readingSkewSeconds = 0.5

/**
 * Seconds by the helper's monotonic clock between two samples of one helper; undefined where they belong to no one
 * series: a gap, or a clock that did not advance. A step of the host's or the workbench's wall clock is not seen here.
 */
export function secondsBetween(before: Sample, after: Sample): number | undefined {
  const elapsed = after.monotonicSeconds - before.monotonicSeconds
  return elapsed > 0 && elapsed <= longestIntervalSeconds ? elapsed : undefined
}

/**
 * Reads between two samples of each guest that both report, by its label (see `labelGuests`); one that restarted counts
 * from its next sample.
 */
export function readsBetween(before: Sample, after: Sample): Map<string, GuestReads> {
  const earlier = byProcess(before)
  const labels = labelGuests(after.guests)
  const reads = new Map<string, GuestReads>()
  for (const [index, guest] of after.guests.entries()) {
    const delta = readsOf(earlier.get(processOf(guest)), guest)
    if (delta) reads.set(labels[index] ?? guest.name, delta)
  }
  return reads
}

/** A guest that started again under its name is another process. */
const processOf = ({ pid, name }: SampledGuest) => `${pid} ${name}`

function byProcess({ guests }: Sample): ReadonlyMap<string, SampledGuest> {
  return new Map(guests.map((guest) => [processOf(guest), guest]))
}

function readsOf(before: SampledGuest | undefined, after: SampledGuest): GuestReads | undefined {
  if (before?.readBytes === undefined || after.readBytes === undefined) return undefined
  const askedBytes = askedBetween(before, after)
  const fetchedBytes = after.readBytes - before.readBytes
  return askedBytes === undefined || askedBytes < 0 || fetchedBytes < 0
    ? undefined
    : { askedBytes, fetchedBytes }
}

/**
 * What QEMU counted where the helper reports it: io_uring and native AIO bypass rchar. Undefined where neither is
 * known at both ends, and in the one interval in which the monitor began or ceased to answer.
 */
function askedBetween(before: SampledGuest, after: SampledGuest): number | undefined {
  const key = after.blockReadBytes === undefined ? 'rcharBytes' : 'blockReadBytes'
  const [from, to] = [before[key], after[key]]
  return from === undefined || to === undefined ? undefined : to - from
}

/** 1 − fetched / asked; negative when more was read ahead than asked for. Undefined without reads. */
export function hitRatioOf({ askedBytes, fetchedBytes }: GuestReads): number | undefined {
  return askedBytes === 0 ? undefined : 1 - fetchedBytes / askedBytes
}

export interface GuestRequests {
  readonly reads: number
  /** Of these, the time of so many is known. */
  readonly timedReads: number
  readonly seconds: number
}

/**
 * Read requests of the guests whose QEMU tells, by label, in the `elapsedSeconds` before a sample: QEMU is asked less
 * often than samples are taken, so these are the rates of its last two answers, spread over time.
 */
export function requestsBefore({ guests }: Sample, elapsedSeconds: number): Map<string, GuestRequests> {
  const labels = labelGuests(guests)
  const requests = new Map<string, GuestRequests>()
  for (const [index, { name, diskReads }] of guests.entries()) {
    if (diskReads?.readsPerSecond === undefined) continue
    const reads = diskReads.readsPerSecond * elapsedSeconds
    const timedReads = diskReads.readLatencySeconds === undefined ? 0 : reads
    const seconds = timedReads * (diskReads.readLatencySeconds ?? 0)
    requests.set(labels[index] ?? name, { reads, timedReads, seconds })
  }
  return requests
}

/** How long the control groups of guests waited for storage in the `elapsedSeconds` before a sample, by label. */
export function ioWaitsBefore({ guests }: Sample, elapsedSeconds: number): Map<string, number> {
  const labels = labelGuests(guests)
  return new Map(
    guests.flatMap(({ name, ioPressureRatio }, index): [string, number][] =>
      ioPressureRatio === undefined ? [] : [[labels[index] ?? name, ioPressureRatio * elapsedSeconds]],
    ),
  )
}

export interface DiskReads {
  readonly reads: number
  readonly seconds: number
}

/** Over the disks that both samples have. Undefined where there is none, or the helper does not report disks. */
export function diskReadsBetween(before: Sample, after: Sample): DiskReads | undefined {
  const earlier = new Map(before.disks?.map((disk) => [disk.device, disk]))
  let sum: DiskReads | undefined
  for (const { device, reads, readSeconds } of after.disks ?? []) {
    const from = earlier.get(device)
    // Another disk of the same number counts from 0.
    if (from === undefined || reads < from.reads || readSeconds < from.readSeconds) continue
    sum = {
      reads: (sum?.reads ?? 0) + reads - from.reads,
      seconds: (sum?.seconds ?? 0) + readSeconds - from.readSeconds,
    }
  }
  return sum
}

export interface CpuSeconds {
  readonly helper: number | undefined
  readonly ksmd: number | undefined
}

/**
 * CPU seconds used in `elapsedSeconds` between two samples. Undefined where a counter is not reported at both ends,
 * went back (another process) or grew faster than its threads can: such a sample begins a new series.
 */
export function cpuSecondsBetween(before: Sample, after: Sample, elapsedSeconds: number): CpuSeconds {
  const counted = increase(before.ksm?.counters.ksmdCpuSeconds, after.ksm?.counters.ksmdCpuSeconds)
  const ksmd = counted ?? (hasKsmdRested(before.ksm, after.ksm) ? 0 : undefined)
  const maxOneCoreSeconds = elapsedSeconds + readingSkewSeconds
  return {
    helper: increase(before.helper.cpuSeconds, after.helper.cpuSeconds),
    // ksmd is one thread.
    ksmd: ksmd !== undefined && ksmd <= maxOneCoreSeconds ? ksmd : undefined,
  }
}

/** No kernel of KVM hosts runs on more processors. */
const mostCores = 8192

/**
 * CPU seconds that the process of each guest of `after`, in their order, used in `elapsedSeconds` between the samples.
 * undefined: it started in between, its counter is not reported at both ends, or grew faster than processors can.
 */
export function guestCpuBetween(
  before: Sample,
  after: Sample,
  elapsedSeconds: number,
): (number | undefined)[] {
  const earlier = byProcess(before)
  // Without a skew of readings: over next to no time it alone would be more than all processors can.
  const most = mostCores * elapsedSeconds
  return after.guests.map((guest) => {
    const used = increase(earlier.get(processOf(guest))?.cpuSeconds, guest.cpuSeconds)
    return used !== undefined && used <= most ? used : undefined
  })
}

/**
 * The sample with the share of a core that each guest and all processors used, whatever the helper put there. `before`: of the
 * same helper, if any.
 */
export function withCpuRatios(before: Sample | undefined, sample: Sample): Sample {
  const { busyCpuRatio: _told, ...rest } = sample
  const seconds = before && secondsBetween(before, sample)
  if (before === undefined || seconds === undefined) return { ...rest, guests: sample.guests.map(untold) }
  const used = guestCpuBetween(before, sample, seconds)
  const busy = hostCpuBetween(before, sample, seconds)
  return {
    ...rest,
    ...withValue({ busyCpuRatio: busy === undefined ? undefined : busy / seconds }),
    guests: sample.guests.map((guest, index) => {
      const cpuSeconds = used[index]
      return {
        ...untold(guest),
        ...withValue({ cpuRatio: cpuSeconds === undefined ? undefined : cpuSeconds / seconds }),
      }
    }),
  }
}

function untold({ cpuRatio: _told, ...guest }: Sample['guests'][number]): Sample['guests'][number] {
  return guest
}

/**
 * CPU seconds that all processors spent at work between the samples. undefined: not reported at both ends, or more than
 * processors can.
 */
export function hostCpuBetween(before: Sample, after: Sample, elapsedSeconds: number): number | undefined {
  const busy = increase(before.busyCpuSeconds, after.busyCpuSeconds)
  return busy !== undefined && busy <= mostCores * elapsedSeconds ? busy : undefined
}

export interface EventCounts {
  readonly mergeBreaks: number | undefined
  readonly hugePageSplits: number | undefined
}

/** Events of the kernel between two samples. Undefined where a counter is not reported at both ends, or went back. */
export function eventsBetween({ events: before }: Sample, { events: after }: Sample): EventCounts {
  return {
    mergeBreaks: increase(before?.mergeBreaks, after?.mergeBreaks),
    hugePageSplits: increase(before?.hugePageSplits, after?.hugePageSplits),
  }
}

/** Where /proc does not show ksmd: the pages that it has scanned tell that it used nothing. */
function hasKsmdRested(before: Sample['ksm'], after: Sample['ksm']): boolean {
  if (before === undefined || after === undefined) return false
  const isScanning = [before, after].some(({ settings }) => settings.run === 1)
  const [from, to] = [before.counters, after.counters]
  return !isScanning && from.fullScans === to.fullScans && from.pagesScanned === to.pagesScanned
}

/**
 * CPU seconds of the helper and ksmd together. Undefined where that of either is not known: ksmd may be at work where /proc
 * does not show it. A kernel without KSM has no ksmd.
 */
export function ownCpuSecondsBetween(
  before: Sample,
  after: Sample,
  elapsedSeconds: number,
): number | undefined {
  const { helper, ksmd } = cpuSecondsBetween(before, after, elapsedSeconds)
  const known = after.ksm === undefined ? 0 : ksmd
  return helper === undefined || known === undefined ? undefined : helper + known
}

function increase(before: number | undefined, after: number | undefined): number | undefined {
  return before === undefined || after === undefined || after < before ? undefined : after - before
}
