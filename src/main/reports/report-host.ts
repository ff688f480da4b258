// One host's pages of a report: every quantity before and after, charts over time, guests, images, settings, notes.
import type { KsmStatus, Report, ReportedHost, ReportedQuantity } from '../../shared/contract/index.ts'
import { cell } from './first-page.ts'
import { escapeHtml, tableOf, timeText } from './html-parts.ts'
import { renderGuests, renderImages, renderPlatform } from './report-host-tables.ts'
import { formatChange } from './report-quantities.ts'
import { type ChartLine, renderChart, type SvgChart } from './svg-chart.ts'

/** From its figures to its notes; what was not measured is left out. */
export function renderHost(host: ReportedHost, { quantities, range }: Report): string {
  const assessment = host.after ?? host.baseline
  const notes = host.notes.map((note) => `<li>${escapeHtml(note)}</li>`).join('')
  return `<section class="host"><h2>${escapeHtml(host.name)}</h2>
${renderPlatform(host)}
<h3>Before and after</h3>
${renderFigures(host, quantities)}
${renderCharts(host, range.to)}
${renderMarks(host)}
${assessment ? renderGuests(assessment) + renderImages(assessment, host.scrub) : ''}
${host.ksm ? renderSettings(host.ksm) : ''}
${notes && `<h3>Notes</h3><ul>${notes}</ul>`}
</section>`
}

function renderFigures(host: ReportedHost, quantities: readonly ReportedQuantity[]): string {
  if (host.figures.length === 0) return '<p>Nothing was measured on this host in this range.</p>'
  const figures = new Map(host.figures.map((figure) => [figure.key, figure]))
  const rows = quantities.flatMap((quantity) => {
    const figure = figures.get(quantity.key)
    if (!figure) return []
    return [
      [
        `<th scope="row">${escapeHtml(quantity.title)}</th>`,
        cell(figure.before, quantity.unit),
        cell(figure.after, quantity.unit),
        `<td class="figure ${toneOf(figure, quantity)}">${formatChange(figure, quantity.unit)}</td>`,
        `<td class="dim">${quantity.from === 'history' ? 'mean' : 'one moment'}</td>`,
      ],
    ]
  })
  return `${describeTimes(host)}${tableOf(['Quantity', 'Before', 'After', 'Change', 'Taken as'], rows)}`
}

function toneOf(
  { before, after }: { readonly before?: number | undefined; readonly after?: number | undefined },
  { better }: ReportedQuantity,
): string {
  if (better === undefined || before === undefined || after === undefined || before === after) return ''
  return after > before === (better === 'more') ? 'good' : 'bad'
}

function describeTimes({ windows, baseline, after }: ReportedHost): string {
  const sentences = [
    windows &&
      `Means: ${timeText(windows.before.from)} to ${timeText(windows.before.to)}, and ${timeText(windows.after.from)} to ${timeText(windows.after.to)} (${windows.reason}).`,
    baseline &&
      `Moments: assessed ${timeText(baseline.arrivedAt ?? baseline.at)}${after ? `, and ${timeText(after.arrivedAt ?? after.at)}` : ''}.`,
  ]
  return `<p class="dim">${escapeHtml(sentences.filter(Boolean).join(' '))}</p>`
}

interface HostChart extends Pick<SvgChart, 'title' | 'unit'> {
  readonly lines: readonly (Pick<ChartLine, 'label' | 'color'> & { readonly name: string })[]
}

const charts: readonly HostChart[] = [
  {
    title: 'Memory',
    unit: 'bytes',
    lines: [
      { name: 'guestResidentBytes', label: 'Guest RAM', color: 1 },
      { name: 'imageCacheBytes', label: 'Image cache', color: 2 },
      { name: 'availableBytes', label: 'Available', color: 5 },
    ],
  },
  {
    title: 'Given back and still to be won',
    unit: 'bytes',
    lines: [
      { name: 'mergedBytes', label: 'Saved by KSM', color: 3 },
      { name: 'doubleCachedBytes', label: 'Double cached', color: 6 },
      { name: 'reclaimableBytes', label: 'Reclaimable', color: 4 },
    ],
  },
  {
    title: 'Hit ratio of all guests',
    unit: 'ratio',
    lines: [{ name: 'hitRatio', label: 'Hit ratio', color: 1 }],
  },
  {
    title: 'CPU, of one core',
    unit: 'ratio',
    lines: [
      { name: 'ksmdCpuRatio', label: 'ksmd', color: 3 },
      { name: 'helperCpuRatio', label: 'Helper', color: 4 },
    ],
  },
  {
    title: 'Pressure',
    unit: 'ratio',
    lines: [
      { name: 'memorySomePressureRatio', label: 'Memory, some', color: 6 },
      { name: 'ioSomePressureRatio', label: 'I/O, some', color: 2 },
    ],
  },
]

function renderCharts({ series, marks }: ReportedHost, to: number): string {
  if (!series) return ''
  return charts
    .map(({ title, unit, lines }) =>
      renderChart({
        title,
        unit,
        at: series.at,
        to,
        marks,
        lines: lines.map(({ name, label, color }) => ({ label, color, values: series.metrics[name] ?? [] })),
      }),
    )
    .join('\n')
}

const maxMarksShown = 30

function renderMarks({ marks }: ReportedHost): string {
  if (marks.length === 0) return ''
  const shown = marks.slice(-maxMarksShown)
  const rows = shown.map(({ at, text }) => [
    `<td class="figure">${timeText(at)}</td>`,
    `<td>${escapeHtml(text)}</td>`,
  ])
  const older = marks.length > shown.length ? `, the last ${shown.length} of ${marks.length}` : ''
  return `<h3>Changes${older}</h3>${tableOf(['At', 'What'], rows)}`
}

function renderSettings({ settings, governors }: KsmStatus): string {
  const rows = Object.entries(settings).map(([name, value]) => [
    `<th scope="row">${escapeHtml(name)}</th>`,
    `<td class="figure">${escapeHtml(String(value))}</td>`,
  ])
  const others =
    governors.length > 0 ? `<p>KSM is also governed by ${escapeHtml(governors.join(', '))}.</p>` : ''
  return `<h3>Settings of KSM</h3>${others}${tableOf(['Setting', 'Value'], rows)}`
}
