// The suite's goals: what was reached, and for what was not the reason and the next idea.
import { mediansOf, rangeOfRatios } from './medians.ts'
import { misses } from './misses.ts'
import type { Run } from './run-window.ts'
import { slowPlan } from './slow-storage.ts'
import { type WorkloadName, workloadNames, workloadTitles } from './workload-names.ts'

export const goalNames = ['hits', 'operations', 'harm', 'cpu', 'reclaim'] as const
export type GoalName = (typeof goalNames)[number]

export interface Verdict {
  readonly goal: string
  readonly measured: string
  readonly isReached: boolean
}

/** A goal of whose workloads nothing was measured is left out. */
export function formatGoals(runs: readonly Run[]): string {
  const found = goalNames.flatMap((name) => {
    const verdict = judges[name](runs)
    return verdict === undefined ? [] : [{ name, verdict }]
  })
  const rows = found.map(
    ({ verdict }) =>
      `| ${verdict.goal} | ${verdict.measured} | ${verdict.isReached ? 'reached' : '**missed**'} |`,
  )
  const reasons = found.filter(({ verdict }) => !verdict.isReached).map(({ name }) => `- ${misses[name]}`)
  return `| goal | measured | |
|---|---|---|
${rows.join('\n')}${reasons.length === 0 ? '' : `\n\n${reasons.join('\n')}`}`
}

const judges: Readonly<Record<GoalName, (runs: readonly Run[]) => Verdict | undefined>> = {
  hits(runs) {
    const [kernel, ours] = [mediansOf(runs, 'b', 'none'), mediansOf(runs, 'b', 'adaptive')]
    if (kernel === undefined || ours === undefined) return undefined
    const ratio = ours.hitRatio / kernel.hitRatio
    return {
      goal: '(b) hit ratio, at least 3x of the kernel alone',
      measured: `${share(kernel.hitRatio)} → ${share(ours.hitRatio)}: ${times(ratio)}${oracle(runs, 'b', 'hitRatio')}`,
      isReached: ratio >= 3,
    }
  },
  operations(runs) {
    const [kernel, ours] = [mediansOf(runs, 'b', 'none'), mediansOf(runs, 'b', 'adaptive')]
    if (kernel === undefined || ours === undefined) return undefined
    const ratio = ours.iops / kernel.iops
    const [least, most] = rangeOfRatios(runs, 'b', ['adaptive', 'none'], 'iops')
    return {
      goal: '(b) operations, at least 2x of the kernel alone',
      measured: `${times(ratio)}, by round ${times(least)} to ${times(most)}${oracle(runs, 'b', 'iops')}${onSlowStorage(runs)}`,
      isReached: ratio >= 2,
    }
  },
  harm(runs) {
    const ratios = workloadNames.flatMap((workload) => {
      const [kernel, ours] = [mediansOf(runs, workload, 'none'), mediansOf(runs, workload, 'adaptive')]
      return kernel === undefined || ours === undefined ? [] : [{ workload, ratio: ours.iops / kernel.iops }]
    })
    const least = ratios.toSorted((a, b) => a.ratio - b.ratio)[0]
    if (least === undefined) return undefined
    const where = (workload: WorkloadName) => workloadTitles[workload]
    return {
      goal: 'adaptive never below 0.97x, operations',
      measured: `least ${times(least.ratio)} in ${where(least.workload)}`,
      isReached: least.ratio >= 0.97,
    }
  },
  cpu(runs) {
    const all = workloadNames.flatMap((workload) => mediansOf(runs, workload, 'adaptive')?.helperCpu ?? [])
    if (all.length === 0) return undefined
    const mean = all.reduce((sum, one) => sum + one, 0) / all.length
    return {
      goal: 'adaptive, at most 5 % of a core on average',
      measured: `${percent(mean)} on average, at most ${percent(Math.max(...all))}`,
      isReached: mean <= 0.05,
    }
  },
  reclaim(runs) {
    const [kernel, ours] = [mediansOf(runs, 'f', 'none'), mediansOf(runs, 'f', 'reclaim')]
    if (kernel === undefined || ours === undefined) return undefined
    const ratio = kernel.imagesEndMiB / ours.imagesEndMiB
    return {
      goal: '(f) reclaim, image cache at least 50x smaller',
      measured: `${kernel.imagesEndMiB.toFixed(1)} → ${ours.imagesEndMiB.toFixed(1)} MiB: ${times(ratio)}`,
      isReached: ratio >= 50,
    }
  },
}

function onSlowStorage(runs: readonly Run[]): string {
  return workloadNames
    .map((workload) => {
      const plan = slowPlan(workload)
      const [kernel, ours] = [mediansOf(runs, workload, 'none'), mediansOf(runs, workload, 'adaptive')]
      if (plan === undefined || kernel === undefined || ours === undefined) return ''
      return `; at ${plan.readIops} reads/s ${times(ours.iops / kernel.iops)}${oracle(runs, workload, 'iops')}`
    })
    .join('')
}

function oracle(runs: readonly Run[], workload: WorkloadName, figure: 'hitRatio' | 'iops'): string {
  const [kernel, known] = [mediansOf(runs, workload, 'none'), mediansOf(runs, workload, 'oracle')]
  if (kernel === undefined || known === undefined) return ''
  return ` (an oracle: ${times(known[figure] / kernel[figure])})`
}

const share = (value: number) => value.toFixed(2)
const times = (value: number) => `${value.toFixed(value >= 10 ? 0 : 2)}x`
const percent = (value: number) => `${(value * 100).toFixed(1)} %`
