// The experiments of a report: what came of each, in a sentence, every pair as a dot, and the intervals.
import {
  maxReportedExperiments,
  type ReportedExperiment,
  type ShownExperiment,
  type TimeWindow,
} from '../../shared/contract/index.ts'
import { renderPairDots } from './experiment-dots.ts'
import { comparisonTable } from './experiment-html.ts'
import { escapeHtml, timeText } from './html-parts.ts'

/** As the experiments of the workbench answer. */
export interface ExperimentSource {
  list(): Promise<readonly { readonly id: string; readonly startedAt: number }[]>
  show(id: string): Promise<ShownExperiment>
}

/** Those that began in the range on one of the hosts and have a result; undefined where there are none. */
export async function collectExperiments(
  source: ExperimentSource,
  hostIds: readonly string[],
  { from, to }: TimeWindow,
): Promise<ReportedExperiment[] | undefined> {
  const found: ReportedExperiment[] = []
  for (const { id, startedAt } of await source.list()) {
    if (startedAt < from || startedAt > to || found.length === maxReportedExperiments) continue
    const shown = await source.show(id)
    const isOfThese = shown.hosts.some(({ hostId }) => hostIds.includes(hostId))
    if (isOfThese && shown.result.fleet.length > 0) found.push(describe(shown))
  }
  return found.length === 0 ? undefined : found
}

function describe({ id, plan, startedAt, hosts, result }: ShownExperiment): ReportedExperiment {
  const primary = result.fleet.filter(({ metric }) => metric === plan.metric)
  return {
    id,
    startedAt,
    title: plan.title ?? `${plan.arms[0].name} against ${plan.arms[1].name}`,
    hostNames: hosts.map(({ name }) => name),
    verdict: result.verdict,
    comparisons: [...primary, ...result.fleet.filter(({ metric }) => metric !== plan.metric)],
  }
}

/** Nothing where there are none. Pure. */
export function renderExperiments(experiments: readonly ReportedExperiment[]): string {
  if (experiments.length === 0) return ''
  const each = experiments.map(
    ({ title, startedAt, hostNames, verdict, comparisons: [primary, ...others] }) => {
      if (!primary) return ''
      return `<h3>${escapeHtml(title)}</h3>
<p><b>${escapeHtml(verdict.sentence)}</b> ${escapeHtml(hostNames.join(', '))}, ${timeText(startedAt)}.</p>
${renderPairDots(primary)}
${comparisonTable('Over all hosts', [primary, ...others])}`
    },
  )
  return `<section class="next"><h2>Experiments</h2>${each.join('\n')}</section>`
}
