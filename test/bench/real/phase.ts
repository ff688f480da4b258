// One phase of the suite of Debian guests: all of them at work for so long, under one policy.

import { withValue } from '../../../src/shared/with-value.ts'
import { deviceNumbers } from '../../beds/lab/cgroups.ts'
import type { BenchLab } from '../bench-lab.ts'
import { readCacheBytes, withMean } from '../suite/counters.ts'
import { startGovern } from '../suite/policies.ts'
import { type IoCounters, readIoCounters } from './io-counters.ts'
import { type WorkName, works } from './works.ts'

/** control: the whole policy as a dry run. It looks, and evicts nothing. */
export const contenders = ['kernel', 'control', 'adaptive', 'adaptive+ksm', 'periodic'] as const
export type Contender = (typeof contenders)[number]

export interface PhasePlan {
  readonly contender: Contender
  /** What each guest does. */
  readonly work: readonly WorkName[]
  readonly readIops: number
  readonly readAheadKiB: number
  readonly seconds: number
  readonly record?: string
}

export interface Phase extends Omit<PhasePlan, 'record'> {
  /** By guest. */
  readonly done: readonly number[]
  readonly p95Ms: readonly (number | undefined)[]
  readonly askedMiB: readonly number[]
  readonly fetchedMiB: readonly number[]
  readonly reads: number
  readonly readKiB: number
  readonly diskMsPerRead: number
  readonly refaults: number
  readonly activations: number
  readonly reclaimed: number
  readonly cacheMiB: number
  readonly evictedMiB: number
  readonly returnedMiB: number
  readonly helperCpu: number
  readonly ksmdCpu: number
  readonly hugeMiB: number
  readonly said: readonly string[]
}

const scrubs: Record<Exclude<Contender, 'kernel'>, { scrub: object; ksm?: object }> = {
  control: { scrub: { mode: 'adaptive', guards: { dryRun: true } } },
  adaptive: { scrub: { mode: 'adaptive' } },
  'adaptive+ksm': { scrub: { mode: 'adaptive' }, ksm: { mode: 'govern' } },
  periodic: { scrub: { mode: 'periodic', everySeconds: 5 } },
}

const MiB = 2 ** 20

export async function runPhase(lab: BenchLab, imagesFolder: string, plan: PhasePlan): Promise<Phase> {
  const { contender, work, seconds, record } = plan
  const disk = deviceNumbers(imagesFolder)
  const policy = contender === 'kernel' ? undefined : await startContender(lab, contender, record)
  try {
    const before = readIoCounters(lab.host, disk)
    const from = performance.now()
    const { mean, result } = await withMean(() => readCacheBytes(lab.host), workAll(lab, work, seconds))
    const elapsed = (performance.now() - from) / 1000
    const counters = policy?.read() ?? { cpuSeconds: 0, evictedBytes: 0, returnedBytes: 0 }
    return {
      ...plannedOf(plan),
      ...result,
      ...differences(before, readIoCounters(lab.host, disk), elapsed),
      cacheMiB: round(mean / MiB),
      evictedMiB: round(counters.evictedBytes / MiB),
      returnedMiB: round(counters.returnedBytes / MiB),
      helperCpu: round(counters.cpuSeconds / elapsed, 3),
      said: (policy?.said() ?? '').split('\n').slice(-400),
    }
  } finally {
    await policy?.stop()
  }
}

function startContender(lab: BenchLab, contender: Exclude<Contender, 'kernel'>, record: string | undefined) {
  const { scrub, ksm } = scrubs[contender]
  return startGovern(lab, scrub, { ...withValue({ record, ksm }) })
}

function plannedOf({ contender, work, readIops, readAheadKiB, seconds }: PhasePlan) {
  return { contender, work, readIops, readAheadKiB, seconds }
}

async function workAll({ host }: BenchLab, names: readonly WorkName[], seconds: number) {
  const results = await Promise.all(
    host.guests.map(async (guest, at) => {
      const work = works[names[at] ?? 'tar']
      return work.parse(await guest.command(work.command(seconds), (seconds + 60) * 1000))
    }),
  )
  return { done: results.map(({ done }) => round(done)), p95Ms: results.map(({ p95Ms }) => p95Ms) }
}

function differences(before: IoCounters, after: IoCounters, elapsed: number) {
  const mib = (pick: (one: IoCounters['guests'][number]) => number) =>
    after.guests.map((now, at) => round((pick(now) - pick(before.guests[at] ?? now)) / MiB))
  const [reads, diskReads] = [after.reads - before.reads, after.diskReads - before.diskReads]
  return {
    askedMiB: mib(({ askedBytes }) => askedBytes),
    fetchedMiB: mib(({ fetchedBytes }) => fetchedBytes),
    reads,
    readKiB: round((after.readBytes - before.readBytes) / 1024 / Math.max(1, reads)),
    diskMsPerRead: round((after.diskReadMs - before.diskReadMs) / Math.max(1, diskReads), 2),
    refaults: after.refaults - before.refaults,
    activations: after.activations - before.activations,
    reclaimed: after.reclaimed - before.reclaimed,
    ksmdCpu: round((after.ksmdSeconds - before.ksmdSeconds) / elapsed, 3),
    hugeMiB: round(after.hugeBytes / MiB),
  }
}

function round(value: number, digits = 1): number {
  return Number(value.toFixed(digits))
}
