// One measured window of a workload: what its guests did, and what the host's cache did for them meanwhile.
import type { LabGuest } from '../../beds/lab/lab.ts'
import type { BenchLab } from '../bench-lab.ts'
import {
  hitRatio,
  readBusySeconds,
  readCacheBytes,
  readCpuSeconds,
  readGuestReads,
  readKsmdSeconds,
  readResidentBytes,
  readsBetween,
  withMean,
} from './counters.ts'
import type { FioFigures } from './fio.ts'
import type { PolicyName, RunningPolicy } from './policies.ts'
import type { WorkloadName } from './workload-names.ts'

/** Figures of one run, rounded: the report holds all of them. */
export interface Run {
  /** Runs of one round read in the same order. */
  readonly round: number
  readonly workload: WorkloadName
  readonly policy: PolicyName
  readonly iops: number
  readonly p99Ms: number
  readonly hitRatio: number
  /** Of what the guests' programs read, the part that did not reach the host. */
  readonly guestHitRatio?: number
  readonly cacheMiB: number
  readonly cacheEndMiB: number
  /** Of that, what is the images' own. */
  readonly imagesEndMiB: number
  /** Read from storage by all guests. */
  readonly diskMiB: number
  /** Of one core. */
  readonly helperCpu: number
  readonly ksmdCpu: number
  /** Of one core: what the machine did besides guests and helper, the kernel's work for them included. */
  readonly otherCpu: number
  readonly evictedMiB: number
  readonly returnedMiB: number
  /** Of the guest beside. */
  readonly otherMBps?: number
}

export interface Window {
  readonly round: number
  readonly lab: BenchLab
  readonly workload: WorkloadName
  readonly policyName: PolicyName
  readonly policy: RunningPolicy
  /** Whose hits count. */
  readonly guests: readonly LabGuest[]
}

const MiB = 2 ** 20

export async function measureWindow(
  { round: number, lab, workload, policyName, policy, guests }: Window,
  work: () => Promise<Pick<FioFigures, 'iops' | 'p99Seconds'> & Partial<Pick<FioFigures, 'readBytes'>>>,
): Promise<Run> {
  const readAll = () => lab.host.guests.map(readGuestReads)
  const readOtherCpu = () =>
    lab.host.guests.reduce((left, { pid }) => left - readCpuSeconds(pid), readBusySeconds())
  const other = readOtherCpu()
  const [reads, counters, ksmd, from] = [readAll(), policy.read(), readKsmdSeconds(), performance.now()]
  const { mean, result } = await withMean(() => readCacheBytes(lab.host), work())
  const seconds = (performance.now() - from) / 1000
  const after = policy.read()
  const otherSeconds = readOtherCpu() - other - (after.cpuSeconds - counters.cpuSeconds)
  const deltas = readAll().map((now, at) => readsBetween(reads[at] ?? now, now))
  const mine = deltas.filter((_, at) => guests.some(({ name }) => name === lab.host.guests[at]?.name))
  const sum = (all: typeof deltas, field: keyof (typeof deltas)[number]) =>
    all.reduce((total, one) => total + one[field], 0)
  const [askedBytes, fetchedBytes] = [sum(mine, 'askedBytes'), sum(mine, 'fetchedBytes')]
  return {
    round: number,
    workload,
    policy: policyName,
    iops: round(result.iops, 1),
    p99Ms: round(result.p99Seconds * 1000, 2),
    hitRatio: round(hitRatio({ askedBytes, fetchedBytes }), 4),
    ...(result.readBytes !== undefined && {
      guestHitRatio: round(Math.max(0, 1 - askedBytes / result.readBytes), 4),
    }),
    cacheMiB: round(mean / MiB, 1),
    cacheEndMiB: round(readCacheBytes(lab.host) / MiB, 1),
    imagesEndMiB: round(readResidentBytes(lab.images) / MiB, 2),
    diskMiB: round(sum(deltas, 'fetchedBytes') / MiB, 1),
    helperCpu: round((after.cpuSeconds - counters.cpuSeconds) / seconds, 4),
    ksmdCpu: round((readKsmdSeconds() - ksmd) / seconds, 4),
    otherCpu: round(otherSeconds / seconds, 3),
    evictedMiB: round((after.evictedBytes - counters.evictedBytes) / MiB, 1),
    returnedMiB: round((after.returnedBytes - counters.returnedBytes) / MiB, 1),
  }
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits))
}
