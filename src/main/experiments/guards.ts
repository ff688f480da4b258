// What ends an experiment before its end. Pure.
import type {
  ExperimentHost,
  ExperimentPhase,
  ExperimentPlan,
  GuestPhase,
  PhaseFigures,
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
import { areCountedAlike, guestValue, hostValue, isPerGuest } from './metric-values.ts'

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

/**
 * A phase of a policy that is much worse than the other arm, of which two phases or more tell. Of guests only those that tell of
 * both arms: one that reads in this phase alone is no sign of harm.
 */
export function whySlowdownTrips(
  phase: ExperimentPhase,
  { phases }: Pick<ExperimentHost, 'phases'>,
  plan: ExperimentPlan,
): string | undefined {
  if (plan.arms[phase.arm].policy === undefined) return undefined
  const others = phases
    .filter(({ arm, state }) => arm !== phase.arm && state === 'valid')
    .flatMap(({ figures }) => figures ?? [])
  const levels = phase.figures && levelsOf(phase.figures, others, plan)
  if (levels === undefined) return undefined
  const { value, usual } = levels
  const worse = isLowerBetter[plan.metric] ? value / usual : usual / value
  if (worse <= plan.guards.slowdownFactor) return undefined
  const { metric, arms } = plan
  return `a guard tripped: ${metricWords[metric]} was ${describeRatio(worse)} worse under ${arms[phase.arm].name}: ${describeMetric(metric, value)} against ${describeMetric(metric, usual)}, bound ${plan.guards.slowdownFactor}x`
}

interface Levels {
  readonly value: number
  /** Of the other arm: medians. */
  readonly usual: number
}

const fewestOthers = 2

/** undefined: nothing can be compared. */
function levelsOf(
  figures: PhaseFigures,
  others: readonly PhaseFigures[],
  { metric, minReads }: ExperimentPlan,
): Levels | undefined {
  if (!isPerGuest[metric])
    return levelOf(
      hostValue(metric, figures),
      others.flatMap((other) => hostValue(metric, other) ?? []),
    )
  const told = (guest: GuestPhase, phase: PhaseFigures) =>
    (guest.reads ?? 0) < minReads ? undefined : guestValue(metric, guest, phase)
  const levels = figures.guests.flatMap((guest) => {
    const before = others.flatMap((other) => {
      const same = other.guests.find(({ name }) => name === guest.name)
      return same !== undefined && areCountedAlike(metric, guest, same) ? (told(same, other) ?? []) : []
    })
    return levelOf(told(guest, figures), before) ?? []
  })
  if (levels.length === 0) return undefined
  return {
    value: meanValue(
      metric,
      levels.map(({ value }) => value),
    ),
    usual: meanValue(
      metric,
      levels.map(({ usual }) => usual),
    ),
  }
}

function levelOf(value: number | undefined, others: readonly number[]): Levels | undefined {
  return value === undefined || others.length < fewestOthers ? undefined : { value, usual: medianOf(others) }
}
