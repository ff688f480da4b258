// Experiments in words: the same on screens, in reports and on the command line. Pure.
import type {
  Comparison,
  Estimate,
  ExperimentArm,
  ExperimentMetric,
  ExperimentPhase,
  ExperimentPlan,
  ExperimentState,
  PhaseFault,
} from '../contract/index.ts'
import { formatBytes, formatPercent, formatSeconds } from '../units.ts'

export const metricWords: Readonly<Record<ExperimentMetric, string>> = {
  'read-latency': 'read latency',
  'hit-ratio': 'hit ratio',
  'reads-per-second': 'reads/s',
  memory: 'memory',
  'guests-carried': 'guests carried',
}

export const metricSources: Readonly<Record<ExperimentMetric, string>> = {
  'read-latency': 'Mean time of a read request of a guest, as its hypervisor counts it.',
  'hit-ratio':
    '1 − fetched from storage / asked of the host, in pages of 4 KiB; readahead counts as fetched.',
  'reads-per-second': 'Reads that a guest’s disks asked of the host.',
  memory: 'Guest RAM less what KSM has merged, and the host’s page cache of images: the mean over the phase.',
  'guests-carried':
    'Guests that the host’s memory would carry: what guests take, merged pages once, and what is available, over what one takes.',
}

export const isLowerBetter: Readonly<Record<ExperimentMetric, boolean>> = {
  'read-latency': true,
  'hit-ratio': false,
  'reads-per-second': false,
  memory: true,
  'guests-carried': false,
}

const faultWords: Readonly<Record<PhaseFault, string>> = {
  'too-few-reads': 'too few reads',
  'not-reported': 'not reported',
  'guest-came': 'a guest booted or arrived',
  'guest-went': 'a guest ended or left',
  'guest-resized': 'a guest was resized',
  'other-act': 'something else ran on the host',
  'other-load': 'the host was under other load',
  'policy-changed': 'another policy ran',
  'policy-failed': 'the policy could not run',
  'not-settled': 'the host did not settle',
  'connection-lost': 'the connection was lost',
  'workbench-closed': 'the workbench was closed',
  stopped: 'the experiment was stopped',
}

export const experimentStates: Readonly<Record<ExperimentState, string>> = {
  running: 'running',
  pausing: 'pausing',
  paused: 'paused, nothing runs',
  stopping: 'stopping',
  stopped: 'stopped',
  done: 'done',
}

/** A value in the unit of its metric. */
export function describeMetric(metric: ExperimentMetric, value: number): string {
  if (metric === 'read-latency') return describeLatency(value)
  if (metric === 'hit-ratio') return formatPercent(value)
  if (metric === 'guests-carried') return digits(value)
  return metric === 'memory' ? formatBytes(value) : `${digits(value)}/s`
}

function describeLatency(seconds: number): string {
  return seconds < 0.001 ? `${digits(seconds * 1e6)} µs` : `${digits(seconds * 1000)} ms`
}

function digits(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString('en')
  return value.toFixed(value >= 10 ? 1 : 2)
}

/** 1.234 -> "1.23x". */
export function describeRatio(ratio: number): string {
  if (ratio >= 10) return `${ratio.toFixed(1)}x`
  return ratio >= 0.01 ? `${ratio.toFixed(2)}x` : `${ratio.toPrecision(1)}x`
}

/** "1.10x to 1.32x". Where it leaves 1 out, no bound reads as 1: "1.000001x to 1.01x". */
export function describeInterval({ low, high }: { readonly low: number; readonly high: number }): string {
  const leavesOneOut = low > 1 || high < 1
  const describe = leavesOneOut ? describeApartFromOne : describeRatio
  return `${describe(low)} to ${describe(high)}`
}

/** Of a number that is not 1, with five digits or more where two would show 1. */
function describeApartFromOne(bound: number): string {
  if (bound.toFixed(2) !== '1.00') return describeRatio(bound)
  const most = 16
  for (let digits = 5; digits < most; digits += 1)
    if (Number(bound.toFixed(digits)) !== 1) return `${bound.toFixed(digits)}x`
  return `${bound.toFixed(most)}x`
}

const leastShownP = 0.0001

/** "0.0312"; a p is never 0: "< 0.0001". */
export function describeP(pValue: number): string {
  return pValue < leastShownP ? `< ${leastShownP}` : pValue.toFixed(4)
}

/** A share that a person chose, as it was written: 0.1 -> "10 %", 0.005 -> "0.5 %". */
export function describeShare(ratio: number): string {
  return `${Number((ratio * 100).toFixed(3))} %`
}

/** Medians of the first and the second arm. */
export function describeLevels({ metric, levels: [before, after] }: Comparison): string {
  return `${describeMetric(metric, before)} → ${describeMetric(metric, after)}`
}

/** The typical ratio of a pair with its interval, where there are pairs enough for one. */
export function describeEstimate({ ratio, interval, pairs }: Estimate): string {
  const between = interval === undefined ? 'too few pairs for an interval' : describeInterval(interval)
  return `${describeRatio(ratio)} (${between}, ${pairs} ${pairs === 1 ? 'pair' : 'pairs'})`
}

/** Its name, and what it does where the name does not say. */
export function describeArm({ name, policy }: ExperimentArm): string {
  if (policy === undefined) return name === 'off' ? 'off: the kernel alone' : `${name}: no policy`
  return `${name}: scrub ${policy.scrub.mode}, KSM ${policy.ksm.mode}`
}

/** One line: pair, try, arm and state. */
export function describePhase(phase: ExperimentPhase, arms: readonly [ExperimentArm, ExperimentArm]): string {
  const again = phase.attempt === 0 ? '' : `, try ${phase.attempt + 1}`
  return `pair ${phase.pair + 1}${again}, ${phase.arm === 0 ? 'A' : 'B'} (${arms[phase.arm].name}): ${describePhaseState(phase)}`
}

/** Its state, with the reason where it is not valid. */
export function describePhaseState({ state, fault }: ExperimentPhase): string {
  if (state === 'warming-up') return 'warming up'
  return fault === undefined ? state : `not valid, ${describeFault(fault)}`
}

/** Why a phase is not valid. */
export function describeFault({ code, text }: NonNullable<ExperimentPhase['fault']>): string {
  return `${faultWords[code]}: ${text}`
}

/** About how long it still takes. */
export function describeRemaining(seconds: number): string {
  return seconds < 1 ? 'ends now' : `about ${formatSeconds(seconds)} left`
}

/** How the result was reached; a sentence each. */
export function describeMethod(plan: ExperimentPlan): string[] {
  const { arms, pairs, phaseSeconds, warmUpSeconds, metric, marginRatio, minReads, seed, guards, cold } = plan
  return [
    `${describeArm(arms[0])}. ${describeArm(arms[1])}.`,
    `Up to ${pairs} pairs of phases of ${formatSeconds(phaseSeconds)}, ${warmUpSeconds === 0 ? 'without warm-up' : `after ${formatSeconds(warmUpSeconds)} of warm-up that is cut off`}, in blocks of ABBA or BAAB drawn by seed ${seed}. Each phase begins with the policy stopped and KSM at rest; ${cold ? 'all clean pages of images were dropped before it' : 'caches are not dropped'}.`,
    `Question: ${metricWords[metric]} of the second arm as a ratio of the first, decided on before the figures were seen. Of several guests and hosts the ${metric === 'hit-ratio' ? 'arithmetic' : 'geometric'} mean, pair by pair.`,
    `A guest counts in a pair where it read at least ${minReads} times in both phases.`,
    'Ratio: Hodges and Lehmann’s typical value of the pairs. Its 95 % interval is what the exact Wilcoxon signed-rank test does not contradict; it covers at least 95 % where pairs are independent of each other, and the drawn order keeps a drift of the load from favouring an arm. The interval of the median is a BCa bootstrap of 10,000 resamples.',
    `Better or worse: the interval leaves 1 out. No difference larger than x: it stays within ${describeShare(marginRatio)} of 1 either way. Otherwise it is not enough to tell.`,
    `It ends and puts everything back when memory pressure passes ${describeShare(guards.pressureRatio)} and doubles, when a phase of a policy is ${guards.slowdownFactor} times worse than the other arm${guards.policyGuards ? ', or when a guard of the policy trips' : ''}.`,
  ]
}
