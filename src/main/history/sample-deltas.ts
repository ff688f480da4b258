// What happened between two samples: time, reads and CPU, from clocks and counters that only grow. Pure.
import type { Sample, SampledGuest } from '../../shared/contract/index.ts'

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

/** Reads between two samples over the guests that both report; a guest that restarted counts from its next sample. */
export function readsBetween(before: Sample, after: Sample): Map<string, GuestReads> {
  const earlier = new Map(before.guests.map((guest) => [`${guest.pid} ${guest.name}`, guest]))
  const reads = new Map<string, GuestReads>()
  for (const guest of after.guests) {
    const delta = readsOf(earlier.get(`${guest.pid} ${guest.name}`), guest)
    if (!delta) continue
    const other = reads.get(guest.name) ?? { askedBytes: 0, fetchedBytes: 0 }
    reads.set(guest.name, {
      askedBytes: other.askedBytes + delta.askedBytes,
      fetchedBytes: other.fetchedBytes + delta.fetchedBytes,
    })
  }
  return reads
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

export interface CpuSeconds {
  readonly helper: number | undefined
  readonly ksmd: number | undefined
}

/**
 * CPU seconds used in `elapsedSeconds` between two samples. Undefined where a counter is not reported at both ends,
 * went back (another process) or grew faster than its threads can: such a sample begins a new series.
 */
export function cpuSecondsBetween(before: Sample, after: Sample, elapsedSeconds: number): CpuSeconds {
  const ksmd = increase(before.ksm?.counters.ksmdCpuSeconds, after.ksm?.counters.ksmdCpuSeconds)
  const mostOfOneCore = elapsedSeconds + readingSkewSeconds
  return {
    helper: increase(before.helper.cpuSeconds, after.helper.cpuSeconds),
    // ksmd is one thread.
    ksmd: ksmd !== undefined && ksmd <= mostOfOneCore ? ksmd : undefined,
  }
}

function increase(before: number | undefined, after: number | undefined): number | undefined {
  return before === undefined || after === undefined || after < before ? undefined : after - before
}
