// What the planner's form holds, and the order that follows from it. Pure.
import {
  defaultMarginRatio,
  type ExperimentArm,
  type ExperimentMetric,
  type ExperimentPlan,
  type HostView,
  maxExperimentPairs,
} from '../../shared/contract/index.ts'
import { withValue } from '../../shared/with-value.ts'

export interface PlannerDraft {
  readonly title: string
  readonly hostIds: readonly string[]
  readonly arms: readonly [string, string]
  /** Of an experiment that is planned again: arms that no name leads to any more. */
  readonly knownArms: Readonly<Record<string, ExperimentArm>>
  readonly metric: ExperimentMetric
  readonly phaseSeconds: number
  readonly warmUpSeconds: number
  readonly pairs: number
  readonly cold: boolean
  readonly marginPercent: number
  readonly minReads: number
  readonly slowdownFactor: number
  readonly pressurePercent: number
  readonly policyGuards: boolean
}

export const emptyDraft: PlannerDraft = {
  title: '',
  hostIds: [],
  arms: ['off', 'adaptive'],
  knownArms: {},
  metric: 'hit-ratio',
  phaseSeconds: 30,
  warmUpSeconds: 10,
  pairs: 10,
  cold: false,
  marginPercent: defaultMarginRatio * 100,
  minReads: 100,
  slowdownFactor: 5,
  pressurePercent: 20,
  policyGuards: true,
}

/** The same question again; hosts that are gone are left out. */
export function draftOf(plan: ExperimentPlan, views: readonly HostView[]): PlannerDraft {
  const { arms, guards } = plan
  return {
    title: plan.title ?? '',
    hostIds: plan.hostIds.filter((id) => views.some(({ host }) => host.id === id)),
    arms: [arms[0].name, arms[1].name],
    knownArms: Object.fromEntries(arms.map((arm) => [arm.name, arm])),
    metric: plan.metric,
    phaseSeconds: plan.phaseSeconds,
    warmUpSeconds: plan.warmUpSeconds,
    pairs: plan.pairs,
    cold: plan.cold,
    marginPercent: percentOf(plan.marginRatio),
    minReads: plan.minReads,
    slowdownFactor: guards.slowdownFactor,
    pressurePercent: percentOf(guards.pressureRatio),
    policyGuards: guards.policyGuards,
  }
}

/** As it was typed: 0.07 * 100 is a little more than 7. */
function percentOf(ratio: number): number {
  return Number((ratio * 100).toFixed(6))
}

/** Of an experiment that is planned again. undefined: the name leads to its arm. */
export function knownArm({ knownArms }: PlannerDraft, name: string): ExperimentArm | undefined {
  return Object.hasOwn(knownArms, name) ? knownArms[name] : undefined
}

export function orderOf(draft: PlannerDraft, arms: readonly [ExperimentArm, ExperimentArm]) {
  const title = draft.title.trim()
  return {
    hostIds: [...draft.hostIds],
    arms: [arms[0], arms[1]] as [ExperimentArm, ExperimentArm],
    metric: draft.metric,
    phaseSeconds: draft.phaseSeconds,
    warmUpSeconds: draft.warmUpSeconds,
    pairs: Math.min(maxExperimentPairs, Math.round(draft.pairs)),
    cold: draft.cold,
    marginRatio: draft.marginPercent / 100,
    minReads: Math.round(draft.minReads),
    guards: {
      policyGuards: draft.policyGuards,
      pressureRatio: draft.pressurePercent / 100,
      slowdownFactor: draft.slowdownFactor,
    },
    ...withValue({ title: title === '' ? undefined : title }),
  }
}
