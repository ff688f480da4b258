// Charts over time as inline SVG, drawn without a browser: lines with gaps where nothing was reported, and changes as marks.
import type { ReportedMark } from '../../shared/contract/index.ts'
import { escapeHtml } from './html-parts.ts'
import { formatFigure, type ShownUnit } from './report-quantities.ts'

export interface ChartLine {
  readonly label: string
  /** Class of the style sheet: line-1 to line-6. */
  readonly color: 1 | 2 | 3 | 4 | 5 | 6
  readonly values: readonly (number | null)[]
}

export interface SvgChart {
  readonly title: string
  readonly unit: ShownUnit
  readonly at: readonly number[]
  readonly to: number
  readonly lines: readonly ChartLine[]
  readonly marks: readonly ReportedMark[]
}

const width = 720
const height = 200
const left = 76
const right = 12
const top = 14
const bottom = 24
const plotWidth = width - left - right
const plotHeight = height - top - bottom

/** Empty where no line has a value. Pure. */
export function renderChart({ title, unit, at, to, lines, marks }: SvgChart): string {
  const reported = lines.filter(({ values }) => values.some((value) => value !== null))
  const from = at[0]
  if (from === undefined || reported.length === 0) return ''
  const ticks = valueTicks(
    Math.max(...reported.flatMap(({ values }) => values.map((value) => value ?? 0))),
    unit,
  )
  const most = ticks.at(-1) ?? 1
  const x = (instant: number) => left + ((instant - from) / Math.max(1, to - from)) * plotWidth
  const y = (value: number) => top + plotHeight - (Math.max(0, value) / most) * plotHeight
  const grid = ticks.map(
    (tick) =>
      `<line class="grid" x1="${left}" x2="${width - right}" y1="${round(y(tick))}" y2="${round(y(tick))}"/><text class="value" text-anchor="end" x="${left - 6}" y="${round(y(tick) + 4)}">${formatFigure(tick, unit)}</text>`,
  )
  const times = timeTicks(from, to).map(
    ({ instant, label }) =>
      `<text class="value" text-anchor="middle" x="${round(x(instant))}" y="${height - 6}">${label}</text>`,
  )
  const shownMarks = marks
    .filter((mark) => mark.at >= from && mark.at <= to)
    .map(
      (mark) =>
        `<g><title>${escapeHtml(mark.text)}</title><line class="mark" x1="${round(x(mark.at))}" x2="${round(x(mark.at))}" y1="${top}" y2="${top + plotHeight}"/></g>`,
    )
  const drawn = reported.map(
    ({ color, values }) => `<path class="line-${color}" d="${pathOf(at, values, x, y)}"/>`,
  )
  const legend = reported
    .map(
      ({ label, color, values }) =>
        `<span><i class="key-${color}"></i>${escapeHtml(label)} <b>${formatFigure(lastOf(values), unit)}</b></span>`,
    )
    .join(' ')
  return `<figure class="chart"><figcaption><b>${escapeHtml(title)}</b> ${legend}</figcaption>
<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeHtml(title)}: ${escapeHtml(reported.map(({ label }) => label).join(', '))} over time">${[...grid, ...times, ...shownMarks, ...drawn].join('')}</svg></figure>`
}

function pathOf(
  at: readonly number[],
  values: readonly (number | null)[],
  x: (instant: number) => number,
  y: (value: number) => number,
): string {
  let pen = 'M'
  const parts: string[] = []
  at.forEach((instant, index) => {
    const value = values[index] ?? null
    if (value === null) {
      pen = 'M'
      return
    }
    const point = `${round(x(instant))} ${round(y(value))}`
    // A lone value is a dot: a line of no length with a round cap.
    const isAlone = pen === 'M' && (values[index + 1] ?? null) === null
    parts.push(isAlone ? `M${point}h0` : `${pen}${point}`)
    pen = 'L'
  })
  return parts.join('')
}

function lastOf(values: readonly (number | null)[]): number | undefined {
  return values.findLast((value) => value !== null) ?? undefined
}

/** From 0, in at most 5 round steps; binary for bytes. */
function valueTicks(most: number, unit: ShownUnit): number[] {
  const base = unit === 'bytes' ? 1024 : 10
  const least = unit === 'ratio' ? 0.01 : 1
  const highest = Math.max(most, least)
  const power = base ** Math.floor(Math.log(highest) / Math.log(base))
  const rounds =
    unit === 'bytes' ? [0.25, 0.5, 1, 2, 4, 8, 16, 32, 64, 128, 256] : [0.2, 0.25, 0.5, 1, 2, 2.5]
  const step = (rounds.find((one) => highest / (one * power) <= 4.001) ?? 256) * power
  return Array.from({ length: Math.ceil(highest / step - 1e-9) + 1 }, (_, index) => index * step)
}

function timeTicks(from: number, to: number): { instant: number; label: string }[] {
  const count = 6
  const long = to - from > 36 * 3_600_000
  return Array.from({ length: count }, (_, index) => {
    const instant = from + ((index + 0.5) / count) * (to - from)
    const text = new Date(instant).toISOString()
    return { instant, label: long ? text.slice(5, 16).replace('T', ' ') : text.slice(11, 16) }
  })
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
