// How an experiment is called and coloured on screens. Pure.
import type {
  ExperimentPhase,
  ExperimentState,
  ExperimentSummary,
  ShownExperiment,
  Verdict,
} from '../../shared/contract/index.ts'
import type { Tone } from '../model/tone.ts'

export function titleOfExperiment({ plan }: Pick<ExperimentSummary | ShownExperiment, 'plan'>): string {
  const [first, second] = plan.arms
  return plan.title ?? `${second.name} against ${first.name}`
}

export const verdictTones: Readonly<Record<Verdict['kind'], Tone>> = {
  better: 'good',
  worse: 'bad',
  'no-difference': 'busy',
  'not-enough': 'warn',
}

export const verdictWords: Readonly<Record<Verdict['kind'], string>> = {
  better: 'better',
  worse: 'worse',
  'no-difference': 'no difference',
  'not-enough': 'not enough to tell',
}

export const stateTones: Readonly<Record<ExperimentState, Tone>> = {
  running: 'busy',
  pausing: 'busy',
  paused: 'warn',
  stopping: 'busy',
  stopped: 'warn',
  done: 'good',
}

export function isOver(state: ExperimentState): boolean {
  return state === 'done' || state === 'stopped'
}

export const armLetters = ['A', 'B'] as const

export interface PhaseSpan {
  readonly from: number
  readonly to: number
  readonly phase: ExperimentPhase
}

/**
 * The part of it that was measured; of one that was not, all of it. `now`: the end of one under way. Where the clock was set
 * back meanwhile it has no length.
 */
export function spanOf(phase: ExperimentPhase, now: number): PhaseSpan {
  const from = phase.measuredFrom ?? phase.startedAt
  return { from, to: Math.max(from, phase.endedAt ?? now), phase }
}
