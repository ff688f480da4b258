// Every pair of an experiment as a dot on a logarithmic axis, with the interval, as inline SVG.
import type { Comparison } from '../../shared/contract/index.ts'
import { describeEstimate, describeRatio, metricWords } from '../../shared/text/experiment-text.ts'

const width = 640
const margin = 24
const axisAt = 96

/** One figure element, with the interval as a bar above the dots. Pure. */
export function renderPairDots({ metric, ratios, estimate }: Comparison): string {
  const values = [
    1,
    ...ratios.map(([, ratio]) => ratio),
    ...(estimate.interval ? [estimate.interval.low, estimate.interval.high] : []),
  ]
  const [low, high] = [Math.log(Math.min(...values)), Math.log(Math.max(...values))]
  const spread = Math.max(0.1, high - low)
  const place = (ratio: number) =>
    (margin + ((Math.log(ratio) - low) / spread) * (width - 2 * margin)).toFixed(1)
  const dots = ratios.map(
    ([pair, ratio], index) =>
      `<circle class="after" cx="${place(ratio)}" cy="${34 + (index % 3) * 14}" r="4"><title>pair ${pair + 1}: ${describeRatio(ratio)}</title></circle>`,
  )
  const { interval } = estimate
  const bar =
    interval === undefined
      ? ''
      : `<rect class="before" x="${place(interval.low)}" y="14" width="${Math.max(1, Number(place(interval.high)) - Number(place(interval.low))).toFixed(1)}" height="8"/>`
  const ticks = [...new Set([Math.min(...values), 1, Math.max(...values)])].map(
    (ratio) =>
      `<text x="${place(ratio)}" y="${axisAt + 16}" text-anchor="middle">${describeRatio(ratio)}</text>`,
  )
  return `<figure><figcaption>Ratio of ${metricWords[metric]} in each pair: ${describeEstimate(estimate)}</figcaption>
<svg viewBox="0 0 ${width} 120" role="img" aria-label="Ratios of ${ratios.length} pairs">
<line x1="${place(1)}" x2="${place(1)}" y1="6" y2="${axisAt}" stroke="var(--dim)" stroke-dasharray="3 3"/>
<line x1="${margin}" x2="${width - margin}" y1="${axisAt}" y2="${axisAt}" stroke="var(--line)"/>
${bar}<rect class="after" x="${place(estimate.ratio)}" y="10" width="2" height="16"/>
${dots.join('')}${ticks.join('')}
</svg></figure>`
}
