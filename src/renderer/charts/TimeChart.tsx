// A chart over time: stacked areas or lines on a numeric time axis, in step with the host's other charts.
import { Skeleton } from '@mantine/core'
import { useMemo } from 'react'
import {
  Area,
  CartesianGrid,
  ComposedChart,
  Line,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts'
import { formatIn, formatTick, type Unit } from '../design/quantities.ts'
import { formatClock, formatMoment } from '../ui/moments.ts'
import { Panel } from '../ui/Panel.tsx'
import { ChartTooltip } from './ChartTooltip.tsx'
import classes from './chart.module.css'
import { type ChartLayer, type ChartRow, chartRows, lastValue } from './chart-rows.ts'
import { timeTicks, valueTicks } from './time-ticks.ts'

export interface TimeChartProps {
  readonly title: string
  readonly note?: string
  readonly unit: Unit
  readonly layers: readonly ChartLayer[]
  /** Undefined while loading. */
  readonly at: readonly number[] | undefined
  readonly range: { readonly from: number; readonly to: number }
  readonly stacked?: boolean
  /** Shared by charts whose cursors move together. */
  readonly syncId: string
  /** Why there is nothing, when there is nothing. */
  readonly empty: string
  readonly testId: string
  /** Of the plot, in pixels. */
  readonly height?: number
}

const usualHeight = 190
const gridColor = 'var(--wb-line)'
const axisText = { fontSize: 11, fill: 'var(--wb-dim)' }

export function TimeChart(props: TimeChartProps) {
  const { title, note, unit, layers, at, empty, testId, height = usualHeight } = props
  const reported = layers.filter(({ values }) => lastValue(values) !== undefined)
  const legend = (
    <div className={classes.legend}>
      {reported.map(({ key, label, color, about, values }) => (
        <span key={key} title={about} data-layer={key} data-last={lastValue(values)}>
          <i className={classes.swatch} style={{ background: color }} />
          {label} <b>{formatIn(unit, lastValue(values) ?? 0)}</b>
        </span>
      ))}
    </div>
  )
  return (
    <Panel title={title} note={note} aside={legend} testId={testId}>
      {at === undefined && <Skeleton height={height} aria-label={`Loading ${title}`} />}
      {at !== undefined && reported.length === 0 && (
        <div className={`missing ${classes.noPlot}`} style={{ height }}>
          {empty}
        </div>
      )}
      {at !== undefined && reported.length > 0 && <Plot {...props} at={at} layers={reported} />}
    </Panel>
  )
}

function Plot({
  title,
  unit,
  layers,
  at,
  range,
  stacked = false,
  syncId,
  height = usualHeight,
}: TimeChartProps & { at: readonly number[] }) {
  const rows = useMemo(() => chartRows(at, layers), [at, layers])
  const top = topOf(layers, stacked, unit)
  const yTicks = unit === 'ratio' && top <= 1 && top > 0.5 ? [0, 0.25, 0.5, 0.75, 1] : valueTicks(top, unit)
  // A stack fills the plot up to the whole; lines end on a round tick.
  const highest = stacked ? top : (yTicks.at(-1) ?? 1)
  return (
    <div role="img" aria-label={`${title}: ${layers.map(({ label }) => label).join(', ')} over time`}>
      <ResponsiveContainer width="100%" height={height}>
        <ComposedChart
          data={rows}
          syncId={syncId}
          syncMethod="value"
          margin={{ top: 6, right: 14, bottom: 0, left: 0 }}
        >
          <CartesianGrid stroke={gridColor} vertical={false} />
          <XAxis
            dataKey="at"
            type="number"
            scale="time"
            domain={[range.from, range.to]}
            allowDataOverflow
            ticks={timeTicks(range.from, range.to, 8)}
            tickFormatter={(instant: number) => tickLabel(instant, range)}
            tick={axisText}
            stroke={gridColor}
            height={22}
          />
          <YAxis
            width={64}
            domain={[0, highest]}
            ticks={yTicks.filter((tick) => tick <= highest)}
            tickFormatter={(value: number) => formatTick(unit, value)}
            tick={axisText}
            stroke={gridColor}
          />
          <Tooltip
            isAnimationActive={false}
            cursor={{ stroke: 'var(--wb-dim)', strokeDasharray: '3 3' }}
            content={({ active, label }) =>
              active ? <ChartTooltip at={Number(label)} rows={rows} layers={layers} unit={unit} /> : null
            }
          />
          {layers.map((layer) => drawLayer(layer, stacked))}
        </ComposedChart>
      </ResponsiveContainer>
    </div>
  )
}

function drawLayer({ key, label, color }: ChartLayer, stacked: boolean) {
  const shared = {
    dataKey: (row: ChartRow) => row[key],
    name: label,
    type: 'linear' as const,
    stroke: color,
    isAnimationActive: false,
  }
  if (!stacked) return <Line key={key} {...shared} strokeWidth={1.75} dot={false} />
  return <Area key={key} {...shared} stackId="all" strokeWidth={1} fill={color} fillOpacity={0.85} />
}

/** So that noise around nothing does not fill a chart. Of other units: 1. */
const leastTops: Partial<Readonly<Record<Unit, number>>> = { ratio: 0.01, seconds: 1e-4 }

function topOf(layers: readonly ChartLayer[], stacked: boolean, unit: Unit): number {
  const highest = (values: readonly (number | null)[]) => Math.max(0, ...values.map((value) => value ?? 0))
  if (!stacked) return Math.max(leastTops[unit] ?? 1, ...layers.map(({ values }) => highest(values)))
  const length = layers[0]?.values.length ?? 0
  const sums = Array.from({ length }, (_, index) =>
    layers.reduce((sum, { values }) => sum + (values[index] ?? 0), 0),
  )
  return Math.max(1, ...sums)
}

function tickLabel(instant: number, { from, to }: TimeChartProps['range']): string {
  return to - from > 25 * 3_600_000 ? formatMoment(instant, 0).slice(5, 16) : formatClock(instant, false)
}
