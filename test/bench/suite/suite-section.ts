// Benchmark 4: the consolidation suite as a part of the report.

import { z } from 'zod'
import { withValue } from '../../../src/shared/with-value.ts'
import { type BenchLab, upBenchLab } from '../bench-lab.ts'
import type { BenchOptions, Measured, Section } from '../section.ts'
import { clonesLab, fullClones, runClones } from './clones.ts'
import { formatSuite } from './format-suite.ts'
import { fullPair, type PairWorkload, pairLab, runPair } from './pair.ts'
import { type PolicyName, policyNames } from './policies.ts'
import type { Run } from './run-window.ts'
import { slowPlan, slowPolicies } from './slow-storage.ts'
import { type WorkloadName, workloadNames } from './workload-names.ts'

export const suiteSection: Section = { name: 'suite', title: '4. Consolidation suite', measure }

/** The paper scrubs now and then; the lab's windows are short. */
const everySeconds = 5

const run = z.object({
  round: z.number(),
  workload: z.enum(workloadNames),
  policy: z.enum(policyNames),
  iops: z.number(),
  p99Ms: z.number(),
  hitRatio: z.number().nullable(),
  guestHitRatio: z.number().optional(),
  cacheMiB: z.number(),
  cacheEndMiB: z.number(),
  imagesEndMiB: z.number(),
  diskMiB: z.number(),
  helperCpu: z.number(),
  ksmdCpu: z.number(),
  otherCpu: z.number(),
  evictedMiB: z.number(),
  returnedMiB: z.number(),
  otherMBps: z.number().optional(),
})

/** It bounds what a policy can bring and is none itself. */
const oracleRounds = 3

interface Part {
  readonly workloads: readonly WorkloadName[]
  readonly up: (say: BenchOptions['say']) => Promise<BenchLab>
  readonly one: (
    lab: BenchLab,
    policy: PolicyName,
    seed: number,
    wanted: readonly WorkloadName[],
  ) => Promise<Run[]>
}

const pairWorkloads: readonly PairWorkload[] = ['a', 'b', 'e', 'f']

const parts: readonly Part[] = [
  {
    workloads: pairWorkloads,
    up: (say) => upBenchLab(pairLab(fullPair), say),
    one: (lab, policy, seed, wanted) => {
      const workloads = pairWorkloads.filter((name) => wanted.includes(name))
      return runPair(lab, fullPair, policy, { everySeconds, seed, workloads })
    },
  },
  ...workloadNames.flatMap(partOnSlowStorage),
  {
    workloads: ['c', 'd'],
    up: (say) => upBenchLab(clonesLab(fullClones), say),
    one: (lab, policy, seed) => runClones(lab, fullClones, policy, { everySeconds, seed }),
  },
]

function partOnSlowStorage(workload: WorkloadName): Part[] {
  const plan = slowPlan(workload)
  if (plan === undefined) return []
  return [
    {
      workloads: [workload],
      up: (say) => upBenchLab(pairLab(plan), say),
      one: async (lab, policy, seed) => {
        const runs = await runPair(lab, plan, policy, { everySeconds, seed, workloads: ['b'] })
        return runs.map((run) => ({ ...run, workload }))
      },
    },
  ]
}

/** `only` names workloads and policies; `earlier` runs are pooled with these, or stay where these do not measure anew. */
async function measure({ only, earlier, adds, rounds, say, keep }: BenchOptions): Promise<Measured> {
  const wanted = only?.some(isWorkload) ? workloadNames.filter((name) => only.includes(name)) : workloadNames
  const named = policyNames.filter((name) => only?.includes(name))
  const policies = named.length === 0 ? policyNames : named
  const runs = z
    .array(run)
    .parse(earlier ?? [])
    .map(asRun)
    .filter(({ workload, policy }) => adds || !wanted.includes(workload) || !policies.includes(policy))
  const roundsBefore = Math.max(
    0,
    ...runs.filter(({ workload }) => wanted.includes(workload)).map((one) => one.round),
  )
  const measured = (): Measured => ({ text: formatSuite(runs), raw: runs })
  for (const part of parts.filter(({ workloads }) => workloads.some((name) => wanted.includes(name)))) {
    const workloads = part.workloads.filter((name) => wanted.includes(name))
    const compared = policies.filter((policy) => workloads.some((name) => matters(policy, name)))
    if (compared.length === 0) continue
    const lab = await part.up(say)
    try {
      for (let round = 0; round < rounds; round += 1)
        for (let turn = 0; turn < compared.length; turn += 1) {
          // Interleaved, and each policy has each place once.
          const policy = compared[(turn + round) % compared.length] ?? 'none'
          if (policy === 'oracle' && round >= oracleRounds) continue
          const upToIt = workloads.slice(0, workloads.findLastIndex((name) => matters(policy, name)) + 1)
          const all = await part.one(lab, policy, roundsBefore + round + 1, upToIt)
          const results = all.filter(({ workload }) => matters(policy, workload))
          for (const result of results) say(`round ${result.round}: ${JSON.stringify(result)}`)
          runs.push(...results)
          keep?.(measured())
        }
    } finally {
      await lab.down({ keepImages: true })
    }
  }
  return measured()
}

const isWorkload = (name: string) => workloadNames.some((one) => one === name)

/** The oracle knows of one stream and of nothing else; what comes before it has to be the same for all. */
function matters(policy: PolicyName, workload: WorkloadName): boolean {
  if (slowPlan(workload) !== undefined) return slowPolicies.includes(policy)
  return policy !== 'oracle' || workload === 'b'
}

function asRun({ otherMBps, hitRatio, guestHitRatio, ...figures }: z.infer<typeof run>): Run {
  return {
    ...figures,
    // Where nothing was asked of the host there is no ratio, and JSON has no NaN.
    hitRatio: hitRatio ?? Number.NaN,
    ...withValue({ guestHitRatio }),
    ...withValue({ otherMBps }),
  }
}
