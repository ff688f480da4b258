// Benchmark 4: the consolidation suite as a part of the report.
import { z } from 'zod'
import { type BenchLab, upBenchLab } from '../bench-lab.ts'
import type { BenchOptions, Measured, Section } from '../section.ts'
import { clonesLab, fullClones, runClones } from './clones.ts'
import { formatSuite } from './format-suite.ts'
import { fullPair, pairLab, runPair } from './pair.ts'
import { type PolicyName, policyNames } from './policies.ts'
import type { Run } from './run-window.ts'
import { workloadNames } from './workload-names.ts'

export const suiteSection: Section = { name: 'suite', title: '4. Consolidation suite', measure }

/** The paper scrubs now and then; the lab's windows are short. */
const everySeconds = 5

const run = z.object({
  workload: z.enum(workloadNames),
  policy: z.enum(policyNames),
  iops: z.number(),
  p99Ms: z.number(),
  hitRatio: z.number().nullable(),
  cacheMiB: z.number(),
  diskMiB: z.number(),
  helperCpu: z.number(),
  ksmdCpu: z.number(),
  evictedMiB: z.number(),
  returnedMiB: z.number(),
  otherMBps: z.number().optional(),
})

type OneRound = (lab: BenchLab, policy: PolicyName, seed: number) => Promise<Run[]>

/** `only` names parts (pair, clones) and policies; `earlier` runs are pooled with these. */
async function measure(options: BenchOptions): Promise<Measured> {
  const { only, earlier, say } = options
  const runs = earlier === undefined ? [] : z.array(run).parse(earlier).map(asRun)
  const wants = (part: string) => only === undefined || only.includes(part)
  const named = policyNames.filter((name) => only?.includes(name))
  const policies = named.length === 0 ? policyNames : named
  const parts = [
    {
      name: 'pair',
      lab: pairLab(fullPair),
      one: ((lab, policy, seed) => runPair(lab, fullPair, policy, { everySeconds, seed })) as OneRound,
    },
    {
      name: 'clones',
      lab: clonesLab(fullClones),
      one: ((lab, policy, seed) => runClones(lab, fullClones, policy, { everySeconds, seed })) as OneRound,
    },
  ]
  for (const part of parts) {
    if (!wants(part.name)) continue
    const lab = await upBenchLab(part.lab, say)
    try {
      for (let round = 0; round < options.rounds; round += 1)
        for (let turn = 0; turn < policies.length; turn += 1) {
          // Interleaved, and each policy has each place once.
          const policy = policies[(turn + round) % policies.length] ?? 'none'
          const seed = runs.filter((one) => one.policy === policy).length + 1
          const results = await part.one(lab, policy, seed)
          for (const result of results) say(`round ${round + 1}: ${JSON.stringify(result)}`)
          runs.push(...results)
        }
    } finally {
      await lab.down({ keepImages: true })
    }
  }
  return { text: formatSuite(runs), raw: runs }
}

function asRun({ otherMBps, hitRatio, ...figures }: z.infer<typeof run>): Run {
  // Where nothing was asked of the host there is no ratio, and JSON has no NaN.
  const ratio = { hitRatio: hitRatio ?? Number.NaN }
  return { ...figures, ...ratio, ...(otherMBps === undefined ? {} : { otherMBps }) }
}
