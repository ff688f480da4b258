// What an experiment will do, before anything begins: how long, what is changed when, and what it may cost. Pure.
import type { ExperimentArm, ExperimentPlan, ExperimentPreview, Policy } from '../../shared/contract/index.ts'
import { describeArm } from '../../shared/text/experiment-text.ts'
import { describePolicyCosts } from '../../shared/text/policy-costs.ts'
import { formatSeconds } from '../../shared/units.ts'
import { withValue } from '../../shared/with-value.ts'
import { durationSeconds, orderOfPairs, otherArm, phaseDurationSeconds } from './schedule.ts'

export interface PreviewHost {
  readonly id: string
  readonly name: string
  readonly refusal?: string | undefined
}

/** Changes nothing: all of it follows from the plan. */
export function previewExperiment(plan: ExperimentPlan, hosts: readonly PreviewHost[]): ExperimentPreview {
  return {
    plan,
    durationSeconds: durationSeconds(plan),
    hosts: hosts.map(({ id, name, refusal }, index) => ({
      hostId: id,
      name,
      ...withValue({ refusal }),
      steps: stepsOf(plan, index),
    })),
    changes: changesOf(plan),
    costs: costsOf(plan),
  }
}

function stepsOf(plan: ExperimentPlan, hostIndex: number): ExperimentPreview['hosts'][number]['steps'] {
  const arms = orderOfPairs(plan.seed, hostIndex, plan.pairs).flatMap((first) => [first, otherArm(first)])
  return arms.map((arm, index) => ({
    atSeconds: index * phaseDurationSeconds(plan),
    pair: Math.floor(index / 2),
    arm,
  }))
}

function changesOf({ arms, pairs, phaseSeconds, warmUpSeconds, cold }: ExperimentPlan): string[] {
  return [
    ...arms.map((arm) =>
      arm.policy === undefined
        ? `${describeArm(arm)}. Nothing is changed in its ${pairs} phases${cold ? ' but what is cached' : ''}.`
        : `${describeArm(arm)}. It runs in ${pairs} phases of ${formatSeconds(warmUpSeconds + phaseSeconds)} and is stopped after each, which puts its settings back.`,
    ),
    cold
      ? `Before each phase the clean pages of all images of all guests leave the page cache, ${2 * pairs} times.`
      : 'Caches are not dropped.',
    'The order of phases is drawn from the seed, in blocks of ABBA or BAAB.',
    'A phase that is not valid is repeated with its pair, up to three times, so it may take longer.',
    'When a guard trips, on stop, and when the workbench or the connection ends, everything is put back.',
  ]
}

function costsOf(plan: ExperimentPlan): string[] {
  const { arms, warmUpSeconds, pairs, cold } = plan
  const policies = arms.flatMap(({ policy }) => policy ?? [])
  return [
    ...new Set(policies.flatMap(costsOfArm)),
    ...new Set(arms.flatMap((arm) => idlenessOf(arm, plan))),
    ...(pairs < 6 ? [`${pairs} pairs cannot tell the arms apart: an interval takes at least 6.`] : []),
    ...(pairs >= 6 && pairs < 10
      ? ['Fewer than 10 pairs: only a large and steady difference will show.']
      : []),
    ...(cold
      ? ['Cold caches: after each of them guests wait for storage until what they need is back.']
      : []),
    ...(warmUpSeconds < 5 && !cold
      ? ['A short warm-up lets each phase begin with the caches of the one before it.']
      : []),
    ...(arms[0].policy === undefined && arms[1].policy === undefined
      ? ['Both arms do nothing: this checks the experiment itself, and should find no difference.']
      : []),
  ]
}

function costsOfArm(policy: Policy): string[] {
  const stays = policy.ksm.mode === 'govern' ? ['What an arm merges stays merged after it.'] : []
  return [...describePolicyCosts(policy), ...stays]
}

/** Where an arm would do nothing in its phases, or hardly anything, they say nothing of it. */
function idlenessOf(
  { name, policy }: ExperimentArm,
  { warmUpSeconds, phaseSeconds }: ExperimentPlan,
): string[] {
  if (policy === undefined) return []
  const { scrub, schedule } = policy
  const seconds = warmUpSeconds + phaseSeconds
  return [
    ...(schedule === undefined ? [] : [`${name} has a schedule: a phase in which it rests is not valid.`]),
    ...(scrub.mode === 'periodic' && scrub.everySeconds > seconds
      ? [
          `${name} scrubs every ${formatSeconds(scrub.everySeconds)}, and runs for ${formatSeconds(seconds)} in a phase: longer phases would show more of it.`,
        ]
      : []),
  ]
}
