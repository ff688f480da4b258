// In which order phases come, which is next, and what is left to do. Pure.
import {
  type Experiment,
  type ExperimentHost,
  type ExperimentPhase,
  type ExperimentPlan,
  maxPairTries,
} from '../../shared/contract/index.ts'
import { createRandom } from '../../shared/statistics/random.ts'

export type ArmIndex = ExperimentPhase['arm']

export interface NextPhase {
  readonly pair: number
  readonly attempt: number
  readonly arm: ArmIndex
}

/** Stopping a policy, looking that it is stopped, and starting one: what a phase takes besides its own seconds. */
const settlingSeconds = 4

/**
 * The arm that comes first in each pair: blocks of two pairs, ABBA or BAAB as the seed draws, so that a steady drift
 * weighs on both arms alike. Hosts differ, so that what happens to all at once does, too.
 */
export function orderOfPairs(seed: number, hostIndex: number, pairs: number): ArmIndex[] {
  const random = createRandom(seed + Math.imul(hostIndex, 0x9e37_79b1))
  // The first draws of neighbouring seeds are alike.
  random.next()
  const order: ArmIndex[] = []
  while (order.length < pairs) {
    const first: ArmIndex = random.below(2) === 0 ? 0 : 1
    order.push(first, otherArm(first))
  }
  return order.slice(0, pairs)
}

/** The one of the two that this is not. */
export function otherArm(arm: ArmIndex): ArmIndex {
  return arm === 0 ? 1 : 0
}

/** A pair that was begun is completed before an earlier one is run again. undefined: all are complete, or were tried often enough. */
export function nextPhase({
  order,
  phases,
}: Pick<ExperimentHost, 'order' | 'phases'>): NextPhase | undefined {
  const last = phases.at(-1)
  if (last?.state === 'valid' && phases.filter((phase) => isOfAttempt(phase, last)).length === 1)
    return { pair: last.pair, attempt: last.attempt, arm: otherArm(last.arm) }
  for (const [pair, first] of order.entries()) {
    const open = openAttempt(phases, pair)
    const [begun, ...others] = open?.run ?? []
    if (open !== undefined && others.length === 0)
      return { pair, attempt: open.attempt, arm: begun === undefined ? first : otherArm(begun.arm) }
  }
  return undefined
}

/** The first try of the pair that has no void phase, with its phases so far. undefined: it was tried often enough. */
function openAttempt(
  phases: readonly ExperimentPhase[],
  pair: number,
): { readonly attempt: number; readonly run: readonly ExperimentPhase[] } | undefined {
  for (let attempt = 0; attempt < maxPairTries; attempt += 1) {
    const run = phases.filter((phase) => isOfAttempt(phase, { pair, attempt }))
    if (run.every(({ state }) => state !== 'invalid')) return { attempt, run }
  }
  return undefined
}

function isOfAttempt(
  phase: ExperimentPhase,
  { pair, attempt }: Pick<NextPhase, 'pair' | 'attempt'>,
): boolean {
  return phase.pair === pair && phase.attempt === attempt
}

export interface ValidPair {
  readonly pair: number
  /** By arm. */
  readonly phases: readonly [ExperimentPhase, ExperimentPhase]
}

/** Those of which both phases of one attempt are valid. */
export function validPairs({ order, phases }: Pick<ExperimentHost, 'order' | 'phases'>): ValidPair[] {
  return order.flatMap((_, pair) => {
    for (let attempt = 0; attempt < maxPairTries; attempt += 1) {
      const run = phases.filter(
        (phase) => phase.pair === pair && phase.attempt === attempt && phase.state === 'valid',
      )
      const [first, second] = [run.find(({ arm }) => arm === 0), run.find(({ arm }) => arm === 1)]
      if (first && second) return [{ pair, phases: [first, second] as const }]
    }
    return []
  })
}

/** In seconds, with its warm-up and what settling usually takes. */
export function phaseDurationSeconds(plan: Pick<ExperimentPlan, 'phaseSeconds' | 'warmUpSeconds'>): number {
  return plan.phaseSeconds + plan.warmUpSeconds + settlingSeconds
}

/** Without repeats. Hosts run at the same time. */
export function durationSeconds(plan: ExperimentPlan): number {
  return 2 * plan.pairs * phaseDurationSeconds(plan)
}

/** Of its planned phases, those that count; and the time that the slowest host still needs. */
export function progressOf({ plan, hosts, state }: Experiment): {
  readonly progress: number
  readonly remainingSeconds: number
} {
  const left = hosts.map((host) => (isHostOver(host) ? 0 : phasesLeft(host)))
  const most = 2 * plan.pairs
  const isOver = state === 'done' || state === 'stopped'
  const done = left.reduce((sum, one) => sum + most - one, 0)
  return {
    progress: hosts.length === 0 ? 0 : Math.max(0, Math.min(1, done / (most * hosts.length))),
    remainingSeconds: isOver ? 0 : Math.max(0, ...left) * phaseDurationSeconds(plan),
  }
}

function isHostOver({ state }: ExperimentHost): boolean {
  return state !== 'waiting' && state !== 'running'
}

/** Pairs of which a phase turned out to be void are open again, also where later ones are complete. */
function phasesLeft({ order, phases }: ExperimentHost): number {
  const ended = phases.filter(({ endedAt }) => endedAt !== undefined)
  return order.reduce<number>((sum, _, pair) => {
    const open = openAttempt(ended, pair)
    return open === undefined ? sum : sum + Math.max(0, 2 - open.run.length)
  }, 0)
}
