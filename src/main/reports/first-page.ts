// The first page of a report: what was won in three figures, one chart, and all hosts in a table.
import type { Report, ReportedHost, ReportedSeries } from '../../shared/contract/index.ts'
import { kernelKey } from '../../shared/figures/one-machine.ts'
import { formatBytes, formatRatio } from '../../shared/units.ts'
import { escapeHtml, tableOf } from './html-parts.ts'
import { assessedKey, figureOf, formatFigure, type ShownUnit, sumOver } from './report-quantities.ts'
import { renderChart } from './svg-chart.ts'

/** For who reads one page only. */
export function renderFirstPage({ hosts, range }: Report): string {
  return `<section>
<div class="tiles">${tilesOf(hosts)
    .map(({ figure, about }) => `<div class="tile"><b>${figure}</b><span>${about}</span></div>`)
    .join('')}</div>
${renderFleetChart(hosts, range.to)}
<h2>${hosts.length === 1 ? 'In short' : 'Hosts'}</h2>
${renderHosts(hosts)}
</section>`
}

interface Tile {
  readonly figure: string
  readonly about: string
}

function tilesOf(hosts: readonly ReportedHost[]): Tile[] {
  const won = sumOver(hosts, 'guests', ({ wonBytes }) => wonBytes)
  const left = sumOver(hosts, 'guests', ({ reclaimableBytes }) => reclaimableBytes)
  const ram = sumOver(hosts, 'guests', latestRam)
  const cpu = sumOver(hosts, 'kernel', ({ cpuRatio }) => cpuRatio)
  const share = won !== undefined && ram ? `, ${formatRatio(won / ram)} of the guests' RAM` : ''
  return [
    {
      figure: won === undefined ? 'not measured' : formatBytes(won),
      about: `given back: merged by KSM, and evicted from image cache and not come back${share}`,
    },
    {
      figure: left === undefined ? 'not measured' : formatBytes(left),
      about: 'could still be given back: mergeable and double cached at the last assessment',
    },
    {
      figure: cpu === undefined ? 'not measured' : `${formatRatio(cpu / hosts.length)} of a core`,
      about: `is what it costs now${hosts.length > 1 ? ', on average of the hosts' : ''}: CPU of ksmd and the helper`,
    },
  ]
}

function latestRam(host: ReportedHost): number | undefined {
  const key = assessedKey('guestResidentBytes')
  return figureOf(host, key, 'after') ?? figureOf(host, key, 'before')
}

interface Column {
  readonly title: string
  readonly unit: ShownUnit
  /** The first that the host has. */
  readonly keys: readonly string[]
}

const columns: readonly Column[] = [
  { title: 'Merged', unit: 'bytes', keys: ['mergedBytes', assessedKey('mergedBytes')] },
  { title: 'Image cache', unit: 'bytes', keys: ['imageCacheBytes', assessedKey('imageCacheBytes')] },
  { title: 'Available', unit: 'bytes', keys: ['availableBytes'] },
  { title: 'Hit ratio', unit: 'ratio', keys: ['hitRatio'] },
]

function firstFigure(host: ReportedHost, { keys }: Column, when: 'before' | 'after'): number | undefined {
  const key = keys.find((one) => host.figures.some((figure) => figure.key === one))
  return key === undefined ? undefined : figureOf(host, key, when)
}

/** Each quantity has its before beside its after. */
function renderHosts(hosts: readonly ReportedHost[]): string {
  const headings = [
    'Host',
    'Given back',
    ...columns.flatMap(({ title }) => [`${title} before`, `${title} after`]),
    'Reclaimable',
  ]
  const rows = hosts.map((host) => [
    `<th scope="row">${escapeHtml(host.name)}</th>`,
    cell(host.wonBytes, 'bytes'),
    ...columns.flatMap((column) => [
      cell(firstFigure(host, column, 'before'), column.unit),
      cell(firstFigure(host, column, 'after'), column.unit),
    ]),
    cell(host.reclaimableBytes, 'bytes'),
  ])
  return tableOf(headings, hosts.length > 1 ? [...rows, totalRow(hosts)] : rows)
}

function totalRow(hosts: readonly ReportedHost[]): string[] {
  const sum = (read: (host: ReportedHost) => number | undefined) =>
    cell(sumOver(hosts, 'guests', read), 'bytes')
  return [
    '<th scope="row">All hosts</th>',
    sum(({ wonBytes }) => wonBytes),
    ...columns.flatMap((column) =>
      (['before', 'after'] as const).map((when) =>
        column.unit === 'bytes'
          ? sum((host) => firstFigure(host, column, when))
          : '<td class="none">does not add up</td>',
      ),
    ),
    sum(({ reclaimableBytes }) => reclaimableBytes),
  ]
}

/** A cell with a figure; a word where it is undefined. */
export function cell(value: number | undefined, unit: ShownUnit): string {
  return `<td class="${value === undefined ? 'none' : 'figure'}">${formatFigure(value, unit)}</td>`
}

const drawn = [
  { name: 'mergedBytes', label: 'Saved by KSM', color: 3 },
  { name: 'imageCacheBytes', label: 'Image cache held', color: 2 },
] as const

/** All hosts added up; a host without a value in a slot counts with its value before. */
function renderFleetChart(hosts: readonly ReportedHost[], to: number): string {
  const machines = new Set<string>()
  const measured = hosts.flatMap((host) => {
    const key = kernelKey(host)
    if (!host.series || (key !== undefined && machines.has(key))) return []
    if (key !== undefined) machines.add(key)
    return [host.series]
  })
  const at = [...new Set(measured.flatMap((series) => series.at))].sort((a, b) => a - b)
  return renderChart({
    title: measured.length > 1 ? `Memory over time, ${measured.length} hosts together` : 'Memory over time',
    unit: 'bytes',
    at,
    to,
    lines: drawn.map(({ name, label, color }) => ({ label, color, values: addUp(measured, name, at) })),
    marks: hosts.length === 1 ? (hosts[0]?.marks ?? []) : [],
  })
}

function addUp(series: readonly ReportedSeries[], name: string, at: readonly number[]): (number | null)[] {
  const sums: (number | null)[] = at.map(() => null)
  for (const one of series) {
    const values = new Map(one.at.map((instant, index) => [instant, one.metrics[name]?.[index] ?? null]))
    let last: number | null = null
    at.forEach((instant, index) => {
      last = values.get(instant) ?? last
      if (last !== null) sums[index] = (sums[index] ?? 0) + last
    })
  }
  return sums
}
