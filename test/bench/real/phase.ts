// One phase of the suite of Debian guests: all of them at work for so long, under one policy.

import { dirname } from 'node:path'
import { z } from 'zod'
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

const workNames = Object.keys(works) as [WorkName, ...WorkName[]]

const phasePlan = z.object({
  contender: z.enum(contenders),
  /** What each guest does. */
  work: z.array(z.enum(workNames)).readonly(),
  /** Ratios are taken within one. 0: the cache settles, nothing is kept. */
  round: z.number(),
  readIops: z.number(),
  readAheadKiB: z.number(),
  seconds: z.number(),
})
export type PhasePlan = z.infer<typeof phasePlan> & { readonly record?: string }

const figures = {
  /** By all guests, as the limit of storage counts them. */
  reads: z.number(),
  readKiB: z.number(),
  diskMsPerRead: z.number(),
  refaults: z.number(),
  activations: z.number(),
  reclaimed: z.number(),
  cacheMiB: z.number(),
  evictedMiB: z.number(),
  returnedMiB: z.number(),
  helperCpu: z.number(),
  ksmdCpu: z.number(),
  hugeMiB: z.number(),
}
const byGuest = z.array(z.number())

export const phaseSchema = phasePlan.extend({
  done: byGuest,
  /** null: the work has no transactions. */
  p95Ms: z.array(z.number().nullable()),
  askedMiB: byGuest,
  fetchedMiB: byGuest,
  ...figures,
  /** Why it did what it did: the decisions that are not figures. */
  said: z.array(z.string()),
})
export type Phase = z.infer<typeof phaseSchema>

const scrubs: Record<Exclude<Contender, 'kernel'>, { scrub: object; ksm?: object }> = {
  control: { scrub: { mode: 'adaptive', guards: { dryRun: true } } },
  adaptive: { scrub: { mode: 'adaptive' } },
  'adaptive+ksm': { scrub: { mode: 'adaptive' }, ksm: { mode: 'govern' } },
  periodic: { scrub: { mode: 'periodic', everySeconds: 5 } },
}

const MiB = 2 ** 20

/** Rejects where a guest's work fails. */
export async function runPhase(lab: BenchLab, plan: PhasePlan): Promise<Phase> {
  const { contender, work, seconds, record } = plan
  const disk = deviceNumbers(dirname(lab.program))
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
      said: reasonsOf(policy?.said() ?? ''),
    }
  } finally {
    await policy?.stop()
  }
}

function startContender(lab: BenchLab, contender: Exclude<Contender, 'kernel'>, record: string | undefined) {
  const { scrub, ksm } = scrubs[contender]
  return startGovern(lab, scrub, { ...withValue({ record, ksm }) })
}

function plannedOf({ record: _file, ...plan }: PhasePlan) {
  return plan
}

async function workAll({ host }: BenchLab, names: readonly WorkName[], seconds: number) {
  const results = await Promise.all(
    host.guests.map((guest, at) => works[names[at] ?? 'tar'].perform(guest, seconds)),
  )
  return { done: results.map(({ done }) => round(done, 2)), p95Ms: results.map(({ p95Ms }) => p95Ms ?? null) }
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

/** Each reason once, without its figures. */
function reasonsOf(said: string): string[] {
  const reasons = said.split('\n').map((line) => line.replace(/\d[\d.,]*/g, 'N').trim())
  return [...new Set(reasons)].filter((line) => line !== '').slice(0, 40)
}
