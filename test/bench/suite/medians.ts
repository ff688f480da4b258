// Medians of a workload's runs under a policy, and how two policies compare.
import { medianOf } from '../../../src/shared/statistics/median.ts'
import type { PolicyName } from './policies.ts'
import type { Run } from './run-window.ts'
import type { WorkloadName } from './workload-names.ts'

const figures = [
  'iops',
  'p99Ms',
  'hitRatio',
  'guestHitRatio',
  'cacheMiB',
  'cacheEndMiB',
  'imagesEndMiB',
  'diskMiB',
  'helperCpu',
  'ksmdCpu',
  'evictedMiB',
  'returnedMiB',
  'otherMBps',
] as const
type Figure = (typeof figures)[number]

export type Medians = Readonly<Record<Figure, number>> & { readonly runs: number }

/** NaN for what was not measured; undefined: there are no such runs. */
export function mediansOf(
  runs: readonly Run[],
  workload: WorkloadName,
  policy: PolicyName,
): Medians | undefined {
  const mine = runs.filter((run) => run.workload === workload && run.policy === policy)
  if (mine.length === 0) return undefined
  const medians = figures.map((name) => [name, medianOf(mine.map((run) => run[name] ?? Number.NaN))])
  return { ...(Object.fromEntries(medians) as Record<Figure, number>), runs: mine.length }
}

/** Smallest and largest ratio of two policies within a round, where both read in the same order. */
export function rangeOfRatios(
  runs: readonly Run[],
  workload: WorkloadName,
  [policy, against]: readonly [PolicyName, PolicyName],
  figure: Figure,
): readonly [number, number] {
  const of = (name: PolicyName) => runs.filter((run) => run.workload === workload && run.policy === name)
  const ratios = of(policy).flatMap((run) => {
    const other = of(against).find(({ round }) => round === run.round)
    const ratio = (run[figure] ?? Number.NaN) / (other?.[figure] ?? Number.NaN)
    return Number.isNaN(ratio) ? [] : [ratio]
  })
  return [Math.min(...ratios), Math.max(...ratios)]
}
