// Debian guests at work under each policy, in turn: what a policy costs and wins on workloads nobody tuned it on.
import { join } from 'node:path'
import { z } from 'zod'
import type { BenchOptions, Measured, Section } from '../section.ts'
import { formatRealSuite } from './format-real-suite.ts'
import { type Contender, contenders, type Phase, type PhasePlan, phaseSchema, runPhase } from './phase.ts'
import { pairOfGuests, threeClones, upWorkLab, type WorkLabPlan } from './work-lab.ts'
import type { WorkName } from './works.ts'

export const realSuiteSection: Section = {
  name: 'real-suite',
  title: '7. Debian guests at work',
  measure,
}

interface WorkSet {
  /** One program for each guest. */
  readonly work: readonly WorkName[]
  readonly lab: WorkLabPlan
}

const pair = (...work: readonly WorkName[]): WorkSet => ({ work, lab: pairOfGuests })
const workSets: readonly WorkSet[] = [
  pair('select', 'tar'),
  pair('backup', 'tar'),
  pair('write', 'grep'),
  pair('select', 'compile'),
  pair('select', 'select'),
  pair('select', 'boot'),
  { work: ['tar', 'tar', 'tar'], lab: threeClones },
]
const readAheads = [8192, 128]
const storages = [150, 1500]
/** Before the first phase of a work: what the work before it left in the cache goes. */
const settleSeconds = 20
const phaseSeconds = 35

/** A folder for recordings of what the policies saw, for the policy bench. Outside those that a lab host covers. */
const recordings = process.env.SINGLETON_BENCH_RECORDINGS

function recordOf(phase: Omit<PhasePlan, 'record'>): { readonly record?: string } {
  if (recordings === undefined || phase.contender === 'kernel') return {}
  const { work, readIops, readAheadKiB, contender, round } = phase
  const name = [work.join('-'), readIops, readAheadKiB, contender, round].join('_')
  return { record: join(recordings, `${name}.jsonl`) }
}

const nameOf = ({ work }: Pick<WorkSet, 'work'>) => work.join('+')

/**
 * `only`: works as `select+tar`, reads a second, KiB of readahead, contenders; each kind that is not named is whole. Earlier
 * phases of works that are not named stay.
 */
async function measure({ only, earlier, adds, rounds, say, keep }: BenchOptions): Promise<Measured> {
  const sets = asked(only, workSets, nameOf)
  const names = sets.map(nameOf)
  const runs: Phase[] = z
    .array(phaseSchema)
    .parse(earlier ?? [])
    .filter((run) => adds || !names.includes(nameOf(run)))
  const measured = (): Measured => ({ text: formatRealSuite(runs), raw: runs })
  const compared = asked(only, contenders, (name) => name)
  const roundsBefore = Math.max(
    0,
    ...runs.filter((run) => names.includes(nameOf(run))).map(({ round }) => round),
  )
  for (const readAheadKiB of asked(only, readAheads, String))
    for (const plan of new Set(sets.map(({ lab }) => lab))) {
      const lab = await upWorkLab(plan, readAheadKiB, say)
      try {
        for (const { work } of sets.filter((set) => set.lab === plan))
          for (const readIops of asked(only, storages, String)) {
            lab.limitReads(readIops)
            const common = { work, readIops, readAheadKiB }
            await runPhase(lab, { ...common, contender: 'kernel', round: 0, seconds: settleSeconds })
            for (let round = 1; round <= rounds; round += 1)
              for (const contender of turned(compared, round)) {
                const planned = { ...common, contender, round: roundsBefore + round, seconds: phaseSeconds }
                const phase = await runPhase(lab, { ...planned, ...recordOf(planned) })
                say(JSON.stringify({ ...phase, said: [] }))
                runs.push(phase)
                keep?.(measured())
              }
          }
      } finally {
        await lab.down({ keepImages: true })
      }
    }
  return measured()
}

/** Interleaved, and none of them is always the first. */
function turned(compared: readonly Contender[], round: number): readonly Contender[] {
  return compared.map((_, at) => compared[(at + round) % compared.length] ?? 'kernel')
}

function asked<T>(
  only: readonly string[] | undefined,
  all: readonly T[],
  name: (one: T) => string,
): readonly T[] {
  const named = all.filter((one) => only?.includes(name(one)))
  return named.length === 0 ? all : named
}
