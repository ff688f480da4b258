// One self-contained HTML page: no script, no request, light and dark, printable. The first page is for whoever decides.
import {
  type Report,
  type ReportChapter,
  type ReportedHost,
  reportChapters,
} from '../../shared/contract/index.ts'
import { renderFirstPage } from './first-page.ts'
import { escapeHtml, tableOf, timeText } from './html-parts.ts'
import { renderCapacity } from './report-capacity.ts'
import { renderComparison } from './report-comparison.ts'
import { renderExperiments } from './report-experiments.ts'
import { renderHost } from './report-host.ts'
import { reportStyle } from './report-style.ts'

/** One file that loads nothing. */
export function renderHtml(report: Report): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="content-security-policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeHtml(report.title)}</title>
<style>${reportStyle}</style>
</head>
<body>
<header><h1>${escapeHtml(report.title)}</h1>
<p>${describeHosts(report.hosts)} · ${timeText(report.range.from)} to ${timeText(report.range.to)} · made ${timeText(report.createdAt)}</p></header>
<main>
${reportChapters
  .filter((chapter) => report.chapters?.includes(chapter) ?? true)
  .map((chapter) => renderers[chapter](report))
  .join('\n')}
</main>
</body>
</html>
`
}

const renderers: Readonly<Record<ReportChapter, (report: Report) => string>> = {
  won: renderFirstPage,
  comparison: ({ comparison, range }) => (comparison ? renderComparison(comparison, range.to) : ''),
  experiments: ({ experiments }) => renderExperiments(experiments ?? []),
  capacity: ({ hosts }) => renderCapacity(hosts),
  hosts: (report) => report.hosts.map((host) => renderHost(host, report)).join('\n'),
  method: renderMethod,
}

function describeHosts(hosts: readonly ReportedHost[]): string {
  const [first] = hosts
  return first && hosts.length === 1 ? escapeHtml(first.name) : `${hosts.length} hosts`
}

function renderMethod({ quantities, version, hosts }: Report): string {
  const rows = quantities
    .filter(({ key }) => hosts.some(({ figures }) => figures.some((figure) => figure.key === key)))
    .map(({ title, source, from }) => [
      `<th scope="row">${escapeHtml(title)}</th>`,
      `<td>${from === 'history' ? 'mean' : 'one moment'}</td>`,
      `<td>${escapeHtml(source)}</td>`,
    ])
  const versions = hosts.map(({ name, helperVersion, baseline, after }) => [
    `<th scope="row">${escapeHtml(name)}</th>`,
    `<td>${escapeHtml(helperVersion ?? 'not connected')}</td>`,
    `<td>${escapeHtml((after ?? baseline)?.host.kernel ?? 'not assessed')}</td>`,
  ])
  return `<section class="next"><h2>Method</h2>
${tableOf(['Quantity', 'Taken as', 'Source and error'], rows)}
<h3>Versions</h3>
<p>Singleton Workbench ${escapeHtml(version)}</p>
${tableOf(['Host', 'Helper', 'Kernel'], versions)}
<h3>Caveats</h3>
<ul>${caveats.map((caveat) => `<li>${caveat}</li>`).join('')}</ul>
</section>`
}

const caveats = [
  '“Not measured” is not zero: the figure was not asked for, or this host could not give it.',
  'Before and after are two times, not two arms of an experiment: the load of the guests may differ between them. An experiment alternates both and gives an interval.',
  'Image cache also grows and falls with what guests read; it counts as given back only where a change of this host evicted it and it did not come back.',
  'Content is compared by 64-bit hashes; the chance of a wrong match is below one page in a billion.',
  'Times are those of the workbench’s clock, in UTC. Sums count hosts on one machine once.',
]
