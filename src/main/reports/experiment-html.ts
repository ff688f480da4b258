// An experiment as one self-contained HTML page: verdict, every pair as a dot, tables, phases, method and caveats.
import type { Comparison, ExperimentPhase, ShownExperiment } from '../../shared/contract/index.ts'
import {
  describeEstimate,
  describeInterval,
  describeLevels,
  describeMethod,
  describeMetric,
  describeP,
  describePhaseState,
  experimentStates,
  metricSources,
  metricWords,
} from '../../shared/text/experiment-text.ts'
import { formatSeconds } from '../../shared/units.ts'
import { renderPairDots } from './experiment-dots.ts'
import { escapeHtml, tableOf } from './html-parts.ts'
import { reportStyle } from './report-style.ts'

/** No script, no request, light and dark, printable. Pure. */
export function renderExperimentHtml(shown: ShownExperiment, version: string): string {
  const { plan, result } = shown
  const title = plan.title ?? `${plan.arms[0].name} against ${plan.arms[1].name}`
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="content-security-policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeHtml(title)}</title>
<style>${reportStyle}</style>
</head>
<body>
<header><h1>${escapeHtml(result.verdict.sentence)}</h1>
<p>Experiment ${escapeHtml(shown.id)}: ${escapeHtml(title)} · ${moment(shown.startedAt)} · by ${escapeHtml(shown.who)} · ${experimentStates[shown.state]}${shown.why === undefined ? '' : `: ${escapeHtml(shown.why)}`} · Singleton Workbench ${escapeHtml(version)}</p></header>
<main>
${renderExperimentParts(shown)}
</main>
</body>
</html>
`
}

function renderExperimentParts(shown: ShownExperiment): string {
  const { plan, result } = shown
  const primary = result.fleet.find(({ metric }) => metric === plan.metric)
  const list = (items: readonly string[]) =>
    `<ul>${items.map((item) => `<li>${escapeHtml(item)}</li>`).join('')}</ul>`
  return `<section><h2>Every pair</h2>
${primary ? renderPairDots(primary) : '<p>No pair is complete.</p>'}
</section>
<section><h2>All metrics, over all hosts</h2>${comparisonTable('Over all hosts', result.fleet)}${overHosts(shown)}</section>
${shown.hosts.map((host) => renderHost(shown, host)).join('\n')}
<section><h2>Method</h2>${list(describeMethod(plan))}
<dl>${result.fleet.map(({ metric }) => `<dt>${metricWords[metric]}</dt><dd>${escapeHtml(metricSources[metric])}</dd>`).join('')}</dl>
<h2>Caveats</h2>${list(result.caveats)}</section>`
}

function overHosts({ result: { overHosts } }: ShownExperiment): string {
  if (overHosts === undefined) return ''
  const between =
    overHosts.interval === undefined
      ? ''
      : `, 95 % interval by a bootstrap over hosts ${describeInterval(overHosts.interval)}`
  return `<p>Geometric mean over ${overHosts.hosts} hosts: ${overHosts.ratio.toFixed(2)}x${between}.</p>`
}

/** One row for each metric. Pure. */
export function comparisonTable(subject: string, comparisons: readonly Comparison[]): string {
  const rows = comparisons.map((one) => comparisonRow(subject, one))
  return tableOf(['', 'Metric', 'Medians', 'Ratio (95 % interval)', 'Effect size', 'Signed rank p'], rows)
}

function comparisonRow(subject: string, one: Comparison): string[] {
  const { metric, estimate } = one
  return [
    `<th scope="row">${escapeHtml(subject)}</th>`,
    `<td>${metricWords[metric]}</td>`,
    `<td class="figure">${escapeHtml(describeLevels(one))}</td>`,
    `<td class="figure">${escapeHtml(describeEstimate(estimate))}</td>`,
    `<td class="figure">${estimate.effectSize.toFixed(2)}</td>`,
    `<td class="figure">${escapeHtml(describeP(estimate.pValue))}</td>`,
  ]
}

function renderHost(shown: ShownExperiment, host: ShownExperiment['hosts'][number]): string {
  const result = shown.result.hosts.find(({ hostId }) => hostId === host.hostId)
  const rows = [
    ...(result?.comparisons.map((one) => comparisonRow(host.name, one)) ?? []),
    ...(result?.guests.flatMap(({ name, comparisons }) =>
      comparisons.map((one) => comparisonRow(name, one)),
    ) ?? []),
  ]
  const state = host.detail === undefined ? host.state : `${host.state}: ${host.detail}`
  return `<section class="host"><h2>${escapeHtml(host.name)}</h2><p>${escapeHtml(state)}</p>
${tableOf(['', 'Metric', 'Medians', 'Ratio (95 % interval)', 'Effect size', 'Signed rank p'], rows)}
<h3>Phases</h3>
${tableOf(
  ['Pair', 'Arm', 'Began', 'Measured', 'State'],
  host.phases.map((phase) => phaseRow(shown, phase)),
)}
</section>`
}

function phaseRow({ plan }: ShownExperiment, phase: ExperimentPhase): string[] {
  const { figures } = phase
  const guests = figures?.guests
    .flatMap(({ name, reads }) => (reads === undefined ? [] : [`${name}: ${reads} reads`]))
    .join(', ')
  const measured =
    figures === undefined
      ? ''
      : `${formatSeconds(figures.seconds)}; ${guests ?? ''}${figures.memoryBytes === undefined ? '' : `; ${describeMetric('memory', figures.memoryBytes)}`}`
  return [
    `<td>${phase.pair + 1}${phase.attempt === 0 ? '' : `, try ${phase.attempt + 1}`}</td>`,
    `<td>${escapeHtml(plan.arms[phase.arm].name)}</td>`,
    `<td>${moment(phase.startedAt)}</td>`,
    `<td>${escapeHtml(measured)}</td>`,
    `<td>${escapeHtml(describePhaseState(phase))}</td>`,
  ]
}

function moment(at: number): string {
  return `${new Date(at).toISOString().replace('T', ' ').slice(0, 19)} UTC`
}
