// The lines and areas of a chart, without anything that moves while values are read.
import { memo, useMemo } from 'react'
import { CartesianGrid, ComposedChart, ResponsiveContainer, XAxis, YAxis } from 'recharts'
import { formatTick, type Unit } from '../design/quantities.ts'
import { insets, type TimeRange } from './chart-geometry.ts'
import type { ChartLayer, ChartRow } from './chart-rows.ts'
import { PlotLayers } from './PlotLayers.tsx'
import { tickLabel, timeTicks, valueTicks } from './time-ticks.ts'

interface PlotProps {
  readonly unit: Unit
  readonly layers: readonly ChartLayer[]
  readonly rows: readonly ChartRow[]
  readonly range: TimeRange
  readonly stacked: boolean
  readonly height: number
}

const gridColor = 'var(--wb-line)'
const axisText = { fontSize: 11, fill: 'var(--wb-dim)' }
const maxTimeTicks = 7
/** A label and the space that keeps it apart from the next. */
const pixelsPerValueTick = 38

export const Plot = memo(function Plot({ unit, layers, rows, range, stacked, height }: PlotProps) {
  const top = useMemo(() => topOf(layers, stacked, unit), [layers, stacked, unit])
  const maxTicks = Math.max(2, Math.floor((height - insets.bottom) / pixelsPerValueTick))
  const isShare = unit === 'ratio' && top <= 1 && top > 0.5
  const yTicks = isShare ? shareTicks(maxTicks) : valueTicks(top, unit, maxTicks)
  const highest = yTicks.at(-1) ?? 1
  return (
    <div aria-hidden>
      <ResponsiveContainer width="100%" height={height}>
        <ComposedChart
          data={[{ at: range.from }, { at: range.to }]}
          accessibilityLayer={false}
          margin={{ top: insets.top, right: insets.right, bottom: 0, left: 0 }}
        >
          <CartesianGrid stroke={gridColor} vertical={false} />
          <XAxis
            dataKey="at"
            type="number"
            scale="time"
            domain={[range.from, range.to]}
            allowDataOverflow
            ticks={timeTicks(range.from, range.to, maxTimeTicks)}
            tickFormatter={(instant: number) => tickLabel(instant, range, maxTimeTicks)}
            tick={axisText}
            stroke={gridColor}
            height={insets.bottom}
          />
          <YAxis
            width={insets.left}
            domain={[0, highest]}
            allowDataOverflow
            ticks={yTicks}
            interval={0}
            tickFormatter={(value: number) => formatTick(unit, value)}
            tick={axisText}
            stroke={gridColor}
          />
          <PlotLayers layers={layers} rows={rows} range={range} highest={highest} stacked={stacked} />
        </ComposedChart>
      </ResponsiveContainer>
    </div>
  )
})

function shareTicks(most: number): number[] {
  return most >= 4 ? [0, 0.25, 0.5, 0.75, 1] : [0, 0.5, 1]
}

/** So that noise around nothing does not fill a chart. Of other units: 1. */
const minTops: Partial<Readonly<Record<Unit, number>>> = { ratio: 0.01, seconds: 1e-4 }

function topOf(layers: readonly ChartLayer[], stacked: boolean, unit: Unit): number {
  const highest = (values: readonly (number | null)[]) =>
    values.reduce<number>((most, value) => Math.max(most, value ?? 0), 0)
  const least = minTops[unit] ?? 1
  if (!stacked) return layers.reduce((most, { values }) => Math.max(most, highest(values)), least)
  const length = layers[0]?.values.length ?? 0
  let most = 1
  for (let index = 0; index < length; index += 1) {
    most = Math.max(
      most,
      layers.reduce((sum, { values }) => sum + (values[index] ?? 0), 0),
    )
  }
  return most
}
