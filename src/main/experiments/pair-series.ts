// Values of guests and hosts in the two phases of each pair. Pure.
import {
  type ExperimentMetric,
  type ExperimentPlan,
  maxExperimentGuests,
  type PhaseFigures,
} from '../../shared/contract/index.ts'
import { meanValue } from './estimate.ts'
import { areCountedAlike, guestValue, hostValue, isPerGuest } from './metric-values.ts'

type SeriesPlan = Pick<ExperimentPlan, 'minReads'>

/** What both phases of a pair measured, by arm. */
interface PairFigures {
  readonly pair: number
  readonly phases: readonly [MeasuredPhase, MeasuredPhase]
}

interface MeasuredPhase {
  readonly figures?: PhaseFigures | undefined
}

/** Values of one guest or host in the two phases of a pair, by arm. */
export interface PairValues {
  readonly pair: number
  readonly values: readonly [number, number]
}

interface GuestQuestion {
  readonly name: string
  readonly metric: ExperimentMetric
  readonly plan: SeriesPlan
}

/** Pairs in which the guest read enough in both phases, and was counted alike. */
export function guestSeries(
  pairs: readonly PairFigures[],
  { name, metric, plan }: GuestQuestion,
): PairValues[] {
  return pairs.flatMap(({ pair, phases }) => {
    const [first, second] = phases.map(({ figures }) => figures?.guests.find((one) => one.name === name))
    if (first === undefined || second === undefined || !areCountedAlike(metric, first, second)) return []
    const values = [first, second].map((guest, at) => {
      const { figures } = phases[at] ?? {}
      return figures && (guest.reads ?? 0) >= plan.minReads ? guestValue(metric, guest, figures) : undefined
    })
    return pairOf(pair, values)
  })
}

/** Of several guests their mean, pair by pair. */
export function hostSeries(
  pairs: readonly PairFigures[],
  plan: SeriesPlan,
  metric: ExperimentMetric,
): PairValues[] {
  if (isPerGuest[metric])
    return meanOfSeries(
      metric,
      guestNames(pairs).map((name) => guestSeries(pairs, { name, metric, plan })),
    )
  return pairs.flatMap(({ pair, phases }) =>
    pairOf(
      pair,
      phases.map(({ figures }) => figures && hostValue(metric, figures)),
    ),
  )
}

/** Of the first arm's phases: in those of the other, others may read most. */
export function guestNames(pairs: readonly PairFigures[]): string[] {
  const names = new Set(
    pairs.flatMap(({ phases }) => phases[0].figures?.guests.map(({ name }) => name) ?? []),
  )
  return [...names].slice(0, maxExperimentGuests)
}

/** A host that answers nonsense, by a fault or on purpose, must not spoil what the others say. */
const [leastValue, mostValue] = [1e-12, 1e16]
const mostRatio = 1e9

function pairOf(pair: number, [first, second]: readonly (number | undefined)[]): PairValues[] {
  if (first === undefined || second === undefined) return []
  const isPossible =
    Math.min(first, second) >= leastValue &&
    Math.max(first, second) <= mostValue &&
    Math.max(first / second, second / first) <= mostRatio
  return isPossible ? [{ pair, values: [first, second] }] : []
}

/** Means pair by pair, over those that have the pair. */
export function meanOfSeries(
  metric: ExperimentMetric,
  all: readonly (readonly PairValues[])[],
): PairValues[] {
  const pairs = [...new Set(all.flatMap((series) => series.map(({ pair }) => pair)))].sort((a, b) => a - b)
  return pairs.map((pair) => {
    const values = all.flatMap((series) => series.find((one) => one.pair === pair)?.values ?? [])
    const ofArm = (arm: number) =>
      meanValue(
        metric,
        values.filter((_, at) => at % 2 === arm),
      )
    return { pair, values: [ofArm(0), ofArm(1)] }
  })
}
