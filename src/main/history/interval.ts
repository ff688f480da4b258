// One row of history: the gauges of a sample, and what was used and read since the sample before it. Pure.
import type {
  DerivedGaugeName,
  GaugeName,
  PolicyRound,
  Sample,
  SumName,
} from '../../shared/contract/index.ts'
import { gaugeNames, shownTime, sumNames } from '../../shared/contract/index.ts'
import { labelGuests } from './guest-labels.ts'
import {
  cpuSecondsBetween,
  type DiskReads,
  diskReadsBetween,
  eventsBetween,
  type GuestRequests,
  guestCpuBetween,
  hostCpuBetween,
  ioWaitsBefore,
  readsBetween,
  requestsBefore,
  secondsBetween,
} from './sample-deltas.ts'

export interface IntervalReads {
  readonly guest: string
  readonly askedBytes: number
  readonly fetchedBytes: number
}

export interface IntervalRequests extends GuestRequests {
  readonly guest: string
  /** In which its QEMU told of reads, whole; the counts are of so long. */
  readonly observedSeconds: number
}

export interface IntervalIoWait {
  readonly guest: string
  /** Whole, as SQLite stores whole numbers in few bytes: how long its control group waited for storage. */
  readonly waitedMs: number
  /** Of so long the kernel told it. */
  readonly observedMs: number
}

export interface IntervalCpu {
  readonly guest: string
  /** Whole, as those of storage: what its process used. */
  readonly usedMs: number
  readonly observedMs: number
}

export interface Interval {
  readonly at: number
  readonly gauges: Readonly<Record<GaugeName, number | null>>
  readonly sums: Readonly<Record<SumName, number | null>>
  /** Only guests that read something. */
  readonly reads: readonly IntervalReads[]
  /** Guests whose QEMU told, also of no reads. */
  readonly requests: readonly IntervalRequests[]
  /** Guests whose control group tells, also that it did not wait. */
  readonly ioWaits: readonly IntervalIoWait[]
  /** Guests whose CPU time both samples tell, also of none. */
  readonly cpu: readonly IntervalCpu[]
}

/** `before`: the sample before it of the same helper, if any. `round`: the last one of the policy that runs. */
export function measureInterval(before: Sample | undefined, sample: Sample, round?: PolicyRound): Interval {
  const seconds = before && secondsBetween(before, sample)
  const at = shownTime(sample)
  const gauges = gaugesOf(sample, round)
  if (!before || seconds === undefined)
    return { at, gauges, sums: nothingSummed, reads: [], requests: [], ioWaits: [], cpu: [] }
  const reads = [...readsBetween(before, sample)].map(([guest, read]) => ({ guest, ...read }))
  // Rates, so any weight will do: SQLite stores whole numbers in few bytes, all others in eight.
  const observedSeconds = Math.max(1, Math.round(seconds))
  const requests = [...requestsBefore(sample, observedSeconds)].map(([guest, request]) => ({
    guest,
    observedSeconds,
    ...request,
  }))
  const own = cpuSecondsBetween(before, sample, seconds)
  const cpu = guestCpuIn(before, sample, seconds)
  const events = eventsBetween(before, sample)
  return {
    at,
    gauges,
    sums: {
      seconds,
      askedBytes: reads.reduce((sum, { askedBytes }) => sum + askedBytes, 0),
      fetchedBytes: reads.reduce((sum, { fetchedBytes }) => sum + fetchedBytes, 0),
      helperCpuSeconds: own.helper ?? null,
      ksmdCpuSeconds: own.ksmd ?? null,
      hostCpuSeconds: hostCpuBetween(before, sample, seconds) ?? null,
      guestCpuSeconds: sumOfCpu(cpu, sample),
      mergeBreaks: events.mergeBreaks ?? null,
      hugePageSplits: events.hugePageSplits ?? null,
      ...requestSums([...requestsBefore(sample, seconds).values()], diskReadsBetween(before, sample)),
    },
    reads: reads.filter(({ askedBytes, fetchedBytes }) => askedBytes > 0 || fetchedBytes > 0),
    requests,
    ioWaits: [...ioWaitsBefore(sample, seconds)].map(([guest, waitedSeconds]) => ({
      guest,
      waitedMs: Math.round(waitedSeconds * 1000),
      observedMs: Math.round(seconds * 1000),
    })),
    cpu,
  }
}

function guestCpuIn(before: Sample, sample: Sample, seconds: number): IntervalCpu[] {
  const labels = labelGuests(sample.guests)
  const used = guestCpuBetween(before, sample, seconds)
  return sample.guests.flatMap(({ name }, index) => {
    const cpuSeconds = used[index]
    if (cpuSeconds === undefined) return []
    const [usedMs, observedMs] = [Math.round(cpuSeconds * 1000), Math.round(seconds * 1000)]
    return [{ guest: labels[index] ?? name, usedMs, observedMs }]
  })
}

/** null where guests run and none tells: not the same as none used. */
function sumOfCpu(cpu: readonly IntervalCpu[], { guests }: Sample): number | null {
  if (cpu.length === 0 && guests.length > 0) return null
  return cpu.reduce((sum, { usedMs }) => sum + usedMs, 0) / 1000
}

const nothingSummed = Object.fromEntries(sumNames.map((name) => [name, null])) as Interval['sums']

/** null where no guest's QEMU tells, or no disk is counted: not the same as no reads. */
function requestSums(requests: readonly GuestRequests[], disks: DiskReads | undefined) {
  const sum = (of: (request: GuestRequests) => number) =>
    requests.length === 0 ? null : requests.reduce((total, request) => total + of(request), 0)
  return {
    guestReads: sum(({ reads }) => reads),
    timedGuestReads: sum(({ timedReads }) => timedReads),
    guestReadSeconds: sum(({ seconds }) => seconds),
    diskReads: disks?.reads ?? null,
    diskReadSeconds: disks?.seconds ?? null,
  }
}

function gaugesOf(sample: Sample, round: PolicyRound | undefined): Record<GaugeName, number | null> {
  const values: { readonly [N in GaugeName]?: number | null | undefined } = {
    ...sample.gauges,
    ...derivedGaugesOf(sample),
    policyEvictedBytes: round?.evictedBytes,
    policyReturnedBytes: round?.returnedBytes,
    policyPotentialBytes: round?.ksm?.potentialBytes,
  }
  return Object.fromEntries(gaugeNames.map((name) => [name, values[name] ?? null])) as Record<
    GaugeName,
    number | null
  >
}

type PolicyGauge = 'policyEvictedBytes' | 'policyReturnedBytes' | 'policyPotentialBytes'

function derivedGaugesOf(sample: Sample): Omit<Record<DerivedGaugeName, number | null>, PolicyGauge> {
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
