// The verdict: better, worse, no difference larger than x, or not enough to tell. The interval decides, never a p. Pure.
import type { Comparison, Estimate, ExperimentPlan, Verdict } from '../../shared/contract/index.ts'
import {
  describeInterval,
  describeLevels,
  describeRatio,
  describeShare,
  isLowerBetter,
  metricWords,
} from '../../shared/text/experiment-text.ts'

/** What the interval says of the second arm. */
export function judgeInterval(
  { interval }: Pick<Estimate, 'interval'>,
  { metric, marginRatio }: Pick<ExperimentPlan, 'metric' | 'marginRatio'>,
): Verdict['kind'] {
  if (interval === undefined) return 'not-enough'
  const { low, high } = interval
  if (low > 1) return isLowerBetter[metric] ? 'worse' : 'better'
  if (high < 1) return isLowerBetter[metric] ? 'better' : 'worse'
  return isWithin(interval, marginRatio) ? 'no-difference' : 'not-enough'
}

interface Interval {
  readonly low: number
  readonly high: number
}

/** Bounds went through logarithms, which leave something in the last bits. */
const roundingRatio = 1e-9

/** Either way, up to the margin itself. */
function isWithin({ low, high }: Interval, marginRatio: number): boolean {
  const most = (1 + marginRatio) * (1 + roundingRatio)
  return high <= most && 1 / low <= most
}

/** Of what the interval does not exclude, either way, as a share of the smaller side. */
function largestDifference({ low, high }: Interval): number {
  return Math.max(high - 1, 1 / low - 1)
}

/** Of a share: 0.081 -> 9. */
function roundedUpPercent(ratio: number): number {
  return Math.max(1, Math.ceil((ratio - roundingRatio) * 100))
}

/** In a sentence. `primary` undefined: no pair is complete. */
export function judge(plan: ExperimentPlan, primary: Comparison | undefined): Verdict {
  const [first, second] = namesOf(plan)
  const words = metricWords[plan.metric]
  if (primary === undefined || primary.estimate.interval === undefined) {
    const pairs = primary?.estimate.pairs ?? 0
    return {
      kind: 'not-enough',
      sentence: `Not enough to tell: ${pairs} of ${plan.pairs} pairs are valid, and it takes at least 6 for an interval.`,
    }
  }
  const kind = judgeInterval(primary.estimate, plan)
  const figures = `${words} ${describeLevels(primary)}, ${describeRatio(primary.estimate.ratio)} (95 % interval ${describeInterval(primary.estimate.interval)}, ${primary.estimate.pairs} pairs)`
  if (kind === 'better' || kind === 'worse') {
    const slight = isWithin(primary.estimate.interval, plan.marginRatio)
      ? ` The whole interval lies within the margin of ${describeShare(plan.marginRatio)}.`
      : ''
    return { kind, sentence: `${second} is ${kind} than ${first}: ${figures}.${slight}` }
  }
  const percent = roundedUpPercent(largestDifference(primary.estimate.interval))
  if (kind === 'no-difference')
    return {
      kind,
      sentence: `No difference larger than ${percent} % between ${first} and ${second}: ${figures}.`,
    }
  return {
    kind,
    sentence: `Not enough to tell ${second} from ${first}: ${figures}. A difference of up to ${percent} % is not excluded, and more pairs or longer phases would narrow it.`,
  }
}

/** A comparison of an arm with itself names them apart. */
function namesOf({ arms: [first, second] }: ExperimentPlan): readonly [string, string] {
  return first.name === second.name ? [`${first.name} (A)`, `${second.name} (B)`] : [first.name, second.name]
}
