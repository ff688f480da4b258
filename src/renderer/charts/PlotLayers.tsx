// The lines and areas themselves. Recharts draws axes and grid; its own lines take some fifteen microseconds for each value,
// whatever is asked of them, which is a second for sixty guests.
import { useId, useMemo } from 'react'
import { usePlotArea } from 'recharts'
import type { TimeRange } from './chart-geometry.ts'
import type { ChartLayer, ChartRow } from './chart-rows.ts'
import { layerPaths } from './layer-paths.ts'

interface PlotLayersProps {
  readonly layers: readonly ChartLayer[]
  readonly rows: readonly ChartRow[]
  readonly range: TimeRange
  /** The value at the upper edge. */
  readonly highest: number
  readonly stacked: boolean
}

/** Strokes at the edges are shown whole. */
const strokeRoom = 2

export function PlotLayers({ layers, rows, range, highest, stacked }: PlotLayersProps) {
  const clip = useId()
  const { x = 0, y = 0, width = 0, height = 0 } = usePlotArea() ?? {}
  const { from, to } = range
  // The first ones lie on top.
  const paths = useMemo(
    () => layerPaths(rows, layers, stacked, { width, height, from, to, highest }),
    [rows, layers, stacked, width, height, from, to, highest],
  )
  return (
    <g transform={`translate(${x},${y})`} clipPath={`url(#${clip})`} fill="none">
      <clipPath id={clip}>
        <rect y={-strokeRoom} width={width} height={height + 2 * strokeRoom} />
      </clipPath>
      {paths.toReversed().map(({ key, color, line, area }) => (
        <g key={key} data-line={key}>
          {area !== undefined && <path d={area} fill={color} fillOpacity={0.85} />}
          <path d={line} stroke={color} strokeWidth={area === undefined ? 1.75 : 1} strokeLinecap="round" />
        </g>
      ))}
    </g>
  )
}
