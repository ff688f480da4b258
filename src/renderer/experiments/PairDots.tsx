// Every pair as a dot on a logarithmic axis, with the typical ratio and its interval above.
import type { Comparison, Estimate } from '../../shared/contract/index.ts'
import {
  describeEstimate,
  describeP,
  describeRatio,
  isLowerBetter,
  metricWords,
} from '../../shared/text/experiment-text.ts'
import classes from './experiments.module.css'
import { axisOf } from './ratio-axis.ts'

const width = 640
const height = 190
const margin = 30
const axisAt = 150
const rows = 4

export function PairDots({ comparison }: { readonly comparison: Comparison }) {
  const { ratios, estimate } = comparison
  const { interval } = estimate
  const axis = axisOf([
    ...ratios.map(([, ratio]) => ratio),
    ...(interval ? [interval.low, interval.high] : []),
  ])
  const place: Place = (ratio) => margin + axis.share(ratio) * (width - 2 * margin)
  return (
    <figure className={classes.dots}>
      <svg
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={`Ratios of ${ratios.length} pairs: ${describeEstimate(estimate)}`}
      >
        <Axis ticks={axis.ticks} place={place} comparison={comparison} />
        <Interval estimate={estimate} place={place} />
        {ratios.map(([pair, ratio], index) => (
          <circle
            key={pair}
            cx={place(ratio)}
            cy={54 + (index % rows) * 24}
            r={5}
            className={classes.dot}
            data-testid="pair-dot"
            data-ratio={ratio}
          >
            <title>{`pair ${pair + 1}: ${describeRatio(ratio)}`}</title>
          </circle>
        ))}
      </svg>
      <Caption comparison={comparison} />
    </figure>
  )
}

type Place = (ratio: number) => number

interface AxisProps {
  readonly ticks: readonly number[]
  readonly place: Place
  readonly comparison: Comparison
}

function Axis({ ticks, place, comparison: { metric } }: AxisProps) {
  const [left, right] = isLowerBetter[metric] ? ['◂ better', 'worse ▸'] : ['◂ worse', 'better ▸']
  return (
    <>
      {ticks.map((tick) => (
        <g key={tick}>
          <line
            x1={place(tick)}
            x2={place(tick)}
            y1={16}
            y2={axisAt}
            className={tick === 1 ? classes.one : classes.tick}
          />
          <text x={place(tick)} y={axisAt + 16} textAnchor="middle">
            {describeRatio(tick)}
          </text>
        </g>
      ))}
      <text x={margin} y={height - 6} className={classes.side}>
        {left}
      </text>
      <text x={width - margin} y={height - 6} textAnchor="end" className={classes.side}>
        {right}
      </text>
    </>
  )
}

function Interval({ estimate, place }: { readonly estimate: Estimate; readonly place: Place }) {
  const { interval, ratio } = estimate
  return (
    <>
      {interval && (
        <rect
          x={place(interval.low)}
          y={24}
          width={Math.max(2, place(interval.high) - place(interval.low))}
          height={10}
          className={classes.interval}
        >
          <title>{describeEstimate(estimate)}</title>
        </rect>
      )}
      <line x1={place(ratio)} x2={place(ratio)} y1={19} y2={39} className={classes.typical} />
    </>
  )
}

function Caption({ comparison: { metric, estimate } }: { readonly comparison: Comparison }) {
  const { medianRatio, medianInterval, effectSize, pValue } = estimate
  const between =
    medianInterval &&
    `, BCa bootstrap ${describeRatio(medianInterval.low)} to ${describeRatio(medianInterval.high)}`
  return (
    <figcaption className={classes.note}>
      {metricWords[metric]}: {describeEstimate(estimate)}. Each dot is a pair; the bar is the 95 % interval.
      Median {describeRatio(medianRatio)}
      {between}; effect size {effectSize.toFixed(2)}, signed rank p {describeP(pValue)}.
    </figcaption>
  )
}
