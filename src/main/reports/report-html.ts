// One self-contained HTML page: no script, no request, light and dark, printable.
import type { Report, ReportedHost } from '../../shared/contract/index.ts'
import { escapeHtml, tableOf } from './html-parts.ts'
import { renderBars } from './report-bars.ts'
import { figureOf, formatFigure, reportColumns, totalOf } from './report-columns.ts'
import { renderGuests, renderImages, renderPlatform } from './report-host-tables.ts'
import { reportStyle } from './report-style.ts'

export function renderHtml(report: Report): string {
  const made = new Date(report.createdAt).toISOString().replace('T', ' ').slice(0, 16)
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
<p>${report.hosts.length} ${report.hosts.length === 1 ? 'host' : 'hosts'} · made ${made} UTC by Singleton Workbench ${escapeHtml(report.version)}</p></header>
<main>
<section><h2>Hosts compared</h2>
${renderComparison(report.hosts)}
${renderBars(report.hosts)}
</section>
${report.hosts.map(renderHost).join('\n')}
<section><h2>Where the figures come from</h2>
<dl>${reportColumns.map(({ title, source }) => `<dt>${escapeHtml(title)}</dt><dd>${escapeHtml(source)}</dd>`).join('')}</dl>
<p>“Not measured” is not zero: the figure was not asked for, or this host could not give it.
Content is compared by 64-bit hashes; the chance of a wrong match is below one page in a billion.</p>
</section>
</main>
</body>
</html>
`
}

function renderComparison(hosts: readonly ReportedHost[]): string {
  const row = (host: ReportedHost) => [
    `<th scope="row">${escapeHtml(host.name)}</th>`,
    ...reportColumns.map((column) => cell(figureOf(host, column), column.unit)),
  ]
  const total = [
    '<th scope="row">Total</th>',
    ...reportColumns.map((column) =>
      column.adds ? cell(totalOf(hosts, column), column.unit) : '<td class="none">—</td>',
    ),
  ]
  const rows = hosts.length > 1 ? [...hosts.map(row), total] : hosts.map(row)
  return tableOf(['Host', ...reportColumns.map(({ title }) => title)], rows)
}

function cell(value: number | undefined, unit: (typeof reportColumns)[number]['unit']): string {
  return `<td class="${value === undefined ? 'none' : 'figure'}">${formatFigure(value, unit)}</td>`
}

function renderHost(host: ReportedHost): string {
  const assessment = host.after ?? host.baseline
  const notes = host.notes.map((note) => `<li>${escapeHtml(note)}</li>`).join('')
  return `<section class="host"><h2>${escapeHtml(host.name)}</h2>
${renderPlatform(host)}
${assessment ? renderGuests(assessment) + renderImages(assessment, host.scrub) : '<p>This host was not assessed.</p>'}
${notes && `<h3>Notes</h3><ul>${notes}</ul>`}
</section>`
}
