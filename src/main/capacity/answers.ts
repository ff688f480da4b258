// Arithmetic with figures that have an interval, or that are not known: what rests on an unknown figure is not known
// either, for the same reason. Pure.
import type { CapacityAnswer } from '../../shared/contract/index.ts'

export type Known = Extract<CapacityAnswer, { kind: 'known' }>

/** `low` and `high` default to the figure itself. */
export function known(best: number, low = best, high = best): Known {
  return { kind: 'known', best, low: Math.min(low, best), high: Math.max(high, best) }
}

/** Why, as a clause. */
export function notKnown(because: string): CapacityAnswer {
  return { kind: 'not-known', because: because.slice(0, 512) }
}

/** What keeps it from being limited, as a clause. */
export function noLimit(because: string): CapacityAnswer {
  return { kind: 'no-limit', because: because.slice(0, 512) }
}

/** A figure that may be absent. */
export function orNotKnown(value: number | undefined, because: string): CapacityAnswer {
  return value === undefined ? notKnown(because) : known(value)
}

/** Whether there is a figure. */
export function isKnown(answer: CapacityAnswer): answer is Known {
  return answer.kind === 'known'
}

/** The lowest comes of the others' lowest, so `a` and `b` have to make the sum larger as they grow. */
export function add(a: CapacityAnswer, b: CapacityAnswer): CapacityAnswer {
  if (!isKnown(a)) return a
  if (!isKnown(b)) return b
  return known(a.best + b.best, a.low + b.low, a.high + b.high)
}

/** At its lowest where `b` is at its highest. */
export function subtract(a: CapacityAnswer, b: CapacityAnswer): CapacityAnswer {
  if (!isKnown(a)) return a
  if (!isKnown(b)) return b
  return known(a.best - b.best, a.low - b.high, a.high - b.low)
}

/** Never negative. Nothing to divide by is no limit, which `because` explains. */
export function divide(a: CapacityAnswer, b: CapacityAnswer, because: string): CapacityAnswer {
  if (!isKnown(a)) return a
  if (!isKnown(b)) return b
  if (b.best <= 0) return noLimit(because)
  const quotient = (over: number, under: number) => Math.max(0, over) / Math.max(under, b.best / 1000)
  return known(quotient(a.best, b.best), quotient(a.low, b.high), quotient(a.high, b.low))
}

/** Each bound by itself. */
export function mapKnown(answer: CapacityAnswer, change: (value: number) => number): CapacityAnswer {
  return isKnown(answer) ? known(change(answer.best), change(answer.low), change(answer.high)) : answer
}

/** The smaller of those that limit; what is not known is passed over, and unknown only where all are. */
export function least(answers: readonly CapacityAnswer[]): CapacityAnswer {
  const figures = answers.filter(isKnown)
  if (figures.length > 0)
    return known(
      Math.min(...figures.map(({ best }) => best)),
      Math.min(...figures.map(({ low }) => low)),
      Math.min(...figures.map(({ high }) => high)),
    )
  return answers.find(({ kind }) => kind === 'not-known') ?? answers[0] ?? notKnown('nothing was measured')
}
