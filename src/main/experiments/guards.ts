// What ends an experiment before its end. Pure.
import type {
  ExperimentHost,
  ExperimentPhase,
  ExperimentPlan,
  PolicyRound,
  Sample,
} from '../../shared/contract/index.ts'
import { medianOf } from '../../shared/statistics/median.ts'
import {
  describeMetric,
  describeRatio,
  isLowerBetter,
  metricWords,
} from '../../shared/text/experiment-text.ts'
import { formatPercent } from '../../shared/units.ts'
import { whyTripped } from '../policies/judge-round.ts'
import { meanValue } from './estimate.ts'
import { guestValue, hostValue, isPerGuest } from './metric-values.ts'

/** `first`: the first round of this phase. undefined: go on. */
export function whyRoundTrips(
  round: PolicyRound,
  first: PolicyRound,
  { guards }: Pick<ExperimentPlan, 'guards'>,
): string | undefined {
  const judged = guards.policyGuards ? round : { ...round, guards: [] }
  return whyTripped(judged, first, guards.pressureRatio)
}

/** Under either arm: a host that is short of memory is no place for experiments. */
export function whyPressureTrips(
  sample: Sample,
  first: Sample,
  { guards: { pressureRatio } }: Pick<ExperimentPlan, 'guards'>,
): string | undefined {
  const now = sample.gauges.memorySomePressureRatio
  const before = first.gauges.memorySomePressureRatio ?? 0
  if (now === undefined || now <= Math.max(pressureRatio, 2 * before)) return undefined
  return `a guard tripped: memory pressure ${formatPercent(now)}, bound ${formatPercent(pressureRatio)} (${formatPercent(before)} at the start of the phase)`
}

/** A phase of a policy that is much worse than the other arm. Its first two phases are what it is judged by. */
export function whySlowdownTrips(
  phase: ExperimentPhase,
  { phases }: Pick<ExperimentHost, 'phases'>,
  plan: ExperimentPlan,
): string | undefined {
  if (plan.arms[phase.arm].policy === undefined) return undefined
  const value = phaseValue(phase, plan)
  const others = phases
    .filter(({ arm, state }) => arm !== phase.arm && state === 'valid')
    .flatMap((other) => phaseValue(other, plan) ?? [])
  if (value === undefined || others.length < 2) return undefined
  const usual = medianOf(others)
  const worse = isLowerBetter[plan.metric] ? value / usual : usual / value
  if (worse <= plan.guards.slowdownFactor) return undefined
  const { metric, arms } = plan
  return `a guard tripped: ${metricWords[metric]} was ${describeRatio(worse)} worse under ${arms[phase.arm].name}: ${describeMetric(metric, value)} against ${describeMetric(metric, usual)}, bound ${plan.guards.slowdownFactor}x`
}

function phaseValue({ figures }: ExperimentPhase, { metric, minReads }: ExperimentPlan): number | undefined {
  if (figures === undefined) return undefined
  if (!isPerGuest[metric]) return hostValue(metric, figures)
  const values = figures.guests
    .filter(({ reads }) => (reads ?? 0) >= minReads)
    .flatMap((guest) => guestValue(metric, guest, figures) ?? [])
  return values.length === 0 ? undefined : meanValue(metric, values)
}
