// The comparison that a report begins with, and how it looks: a chart of all hosts and their ranking.

import type {
  ComparisonPer,
  MetricName,
  ReportedComparison,
  TimeWindow,
} from '../../shared/contract/index.ts'
import { compare } from '../../shared/figures/compare.ts'
import { metricTitle } from '../../shared/figures/metric-title.ts'
import type { CallContext } from '../../shared/rpc.ts'
import { withValue } from '../../shared/with-value.ts'
import { type CompareParts, compareHosts } from './compare-hosts.ts'
import { cell } from './first-page.ts'
import { escapeHtml, tableOf } from './html-parts.ts'
import { renderChart } from './svg-chart.ts'

const slots = 120

/** Throws as `compareHosts`. */
export async function reportComparison(
  parts: CompareParts,
  hostIds: readonly string[],
  { metric, per, ...range }: TimeWindow & { readonly metric: MetricName; readonly per: ComparisonPer },
  context: CallContext,
): Promise<ReportedComparison> {
  const comparison = await compareHosts(parts, { hostIds: [...hostIds], metric, ...range, slots }, context)
  const nameOf = (id: string) => parts.fleet.find(id).session.host.name
  const view = compare(comparison, { metric, per, nameOf })
  return {
    ...{ metric, per, unit: view.unit, at: comparison.at, notes: [...view.notes] },
    rows: view.rows.map(({ key, name, rank, mean, first, last }) => ({
      name,
      ...withValue({ rank, mean, first, last }),
      values: [...(view.lines.find((line) => line.key === key)?.values ?? [])],
    })),
  }
}

const yardsticks: Readonly<Record<ComparisonPer, string>> = {
  host: 'absolute',
  gib: 'per GiB of guest RAM',
  baseline: 'relative to the first tenth of the range',
}
/** So many lines can be told apart. */
const maxLines = 6

/** The best hosts are drawn, all are in the table. Pure. */
export function renderComparison(
  { metric, per, unit, at, rows, notes }: ReportedComparison,
  to: number,
): string {
  const title = `${metricTitle(metric)}, ${yardsticks[per]}`
  const chart = renderChart({
    ...{ title, unit, at, to, marks: [] },
    lines: rows.slice(0, maxLines).map(({ name, values }, index) => ({
      label: name,
      color: (index + 1) as 1 | 2 | 3 | 4 | 5 | 6,
      values,
    })),
  })
  const table = tableOf(
    ['Rank', 'Host', 'Mean', 'First tenth', 'Last tenth'],
    rows.map(({ rank, name, mean, first, last }) => [
      `<td class="figure">${rank ?? ''}</td>`,
      `<th scope="row">${escapeHtml(name)}</th>`,
      ...[mean, first, last].map((value) => cell(value, unit)),
    ]),
  )
  const said = notes.map((note) => `<li>${escapeHtml(note)}</li>`).join('')
  return `<section class="next"><h2>Comparison: ${escapeHtml(title)}</h2>${chart}${table}${said && `<ul>${said}</ul>`}</section>`
}
