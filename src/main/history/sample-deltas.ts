// What happened between two samples: reads and CPU time, from counters that only grow. Pure.
import type { Sample, SampledGuest } from '../../shared/contract/index.ts'

export interface GuestReads {
  /** Asked of the host by read calls. */
  readonly askedBytes: number
  /** Fetched from storage for them; more than asked when the kernel reads ahead. */
  readonly fetchedBytes: number
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

/** CPU seconds used between two samples; a counter that went back (a new helper, a restarted ksmd) counts from 0. */
export function cpuSecondsBetween(before: Sample, after: Sample) {
  const helper = increase(before.helper.cpuSeconds, after.helper.cpuSeconds)
  const [earlier, later] = [before.ksm?.counters.ksmdCpuSeconds, after.ksm?.counters.ksmdCpuSeconds]
  const ksmd = earlier === undefined || later === undefined ? undefined : increase(earlier, later)
  return { helper, ksmd }
}

function increase(before: number, after: number): number {
  return after >= before ? after - before : after
}
