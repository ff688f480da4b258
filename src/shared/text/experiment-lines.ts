// An experiment on a terminal: its plan, its progress, its result. Pure.
import type { Comparison, ExperimentPreview, ExperimentSummary, ShownExperiment } from '../contract/index.ts'
import { formatSeconds } from '../units.ts'
import {
  describeEstimate,
  describeLevels,
  describePhase,
  describeRatio,
  describeRemaining,
  experimentStates,
  metricWords,
} from './experiment-text.ts'
import { tableLines } from './table.ts'
import { ownLines } from './terminal.ts'

/** Several lines: the question, the order of each host, what is changed, and what it may cost. */
export function describePlan({ plan, durationSeconds, hosts, changes, costs }: ExperimentPreview): string {
  const [first, second] = plan.arms
  const order = (host: ExperimentPreview['hosts'][number]) =>
    host.steps.map(({ arm }) => (arm === 0 ? 'A' : 'B')).join('')
  return ownLines([
    `${metricWords[plan.metric]} under ${second.name} (B) against ${first.name} (A), ${plan.pairs} pairs, about ${formatSeconds(durationSeconds)}, seed ${plan.seed}`,
    ...hosts.map((host) => `  ${host.name}: ${host.refusal ?? order(host)}`),
    ...changes.map((line) => `  ${line}`),
    ...costs.map((line) => `  ${line}`),
  ])
}

/** Lines that are new each time something happened; those of phases under way are left out. */
export function describeProgress(shown: ShownExperiment): string[] {
  const lines = shown.hosts.flatMap((host) => [
    ...host.phases
      .filter(({ state }) => state === 'valid' || state === 'invalid')
      .map((phase) => `${host.name}: ${describePhase(phase, shown.plan.arms)}`),
    ...(host.detail === undefined ? [] : [`${host.name}: ${host.state}: ${host.detail}`]),
  ])
  return lines.map((line) => ownLines([line]))
}

/** Several lines: the verdict, every metric, every guest, every pair, and the caveats. */
export function describeExperiment(shown: ShownExperiment): string {
  const { result, hosts, id } = shown
  const guests = result.hosts.flatMap(({ hostId, guests: all }) =>
    all.flatMap(({ name, comparisons }) =>
      comparisons.slice(0, 1).map((one) => rowOf(`${nameOf(hosts, hostId)}: ${name}`, one)),
    ),
  )
  const primary = result.fleet.find(({ metric }) => metric === shown.plan.metric)
  return ownLines([
    result.verdict.sentence,
    `experiment ${id}: ${experimentStates[shown.state]}${shown.why === undefined ? '' : `: ${shown.why}`}`,
    '',
    ...tableLines(
      ['', 'metric', 'medians', 'ratio (95 % interval)', 'effect size'],
      [...result.fleet.map((one) => rowOf('all', one)), ...guests],
    ),
    ...(primary === undefined
      ? []
      : ['', `each pair: ${primary.ratios.map(([, ratio]) => describeRatio(ratio)).join(' ')}`]),
    '',
    ...result.caveats,
  ])
}

function rowOf(subject: string, one: Comparison): string[] {
  const { metric, estimate } = one
  return [
    subject,
    metricWords[metric],
    describeLevels(one),
    describeEstimate(estimate),
    estimate.effectSize.toFixed(2),
  ]
}

function nameOf(hosts: ShownExperiment['hosts'], hostId: string): string {
  return hosts.find((host) => host.hostId === hostId)?.name ?? hostId
}

/** One line. */
export function describeSummary({
  id,
  plan,
  hostNames,
  state,
  verdict,
  remainingSeconds,
  why,
}: ExperimentSummary): string {
  const arms = plan.arms.map(({ name }) => name).join(' against ')
  const isOver = state === 'done' || state === 'stopped'
  const outcome = isOver ? verdict.sentence : describeRemaining(remainingSeconds)
  const ending = why === undefined ? '' : ` (${why})`
  return ownLines([
    `${id}  ${arms} on ${hostNames.join(', ')}: ${experimentStates[state]}${ending}. ${outcome}`,
  ])
}
