// The outlines of a chart's lines and areas, as the `d` of SVG paths. Pure.
import type { ChartLayer, ChartRow } from './chart-rows.ts'

/** Where the plot stands: its size in pixels, the range from left to right, the value at its upper edge. */
export interface PlotScale {
  readonly width: number
  readonly height: number
  readonly from: number
  readonly to: number
  /** Greater than zero; the lower edge is zero. */
  readonly highest: number
}

export interface LayerPath {
  readonly key: string
  readonly color: string
  /** Of the line; of an area, its upper edge. */
  readonly line: string
  /** Absent where layers are lines. */
  readonly area?: string
}

interface Point {
  readonly x: number
  /** Of the value, and of what it stands on. */
  readonly y: number
  readonly base: number
}

/** One for each layer. Where a value is missing, its line breaks off. Stacked: each stands on the layers before it. */
export function layerPaths(
  rows: readonly ChartRow[],
  layers: readonly ChartLayer[],
  stacked: boolean,
  scale: PlotScale,
): LayerPath[] {
  const xs = rows.map(({ at }) => (scale.width * (at - scale.from)) / Math.max(1, scale.to - scale.from))
  const yOf = (value: number) => scale.height * (1 - value / scale.highest)
  const below = new Float64Array(rows.length)
  return layers.map(({ key, color }) => {
    const runs: Point[][] = [[]]
    rows.forEach((row, index) => {
      const value = row[key]
      if (value === null || value === undefined) {
        runs.push([])
        return
      }
      const base = stacked ? (below[index] ?? 0) : 0
      runs.at(-1)?.push({ x: xs[index] ?? 0, y: yOf(base + value), base: yOf(base) })
      below[index] = base + value
    })
    const drawn = runs
      .filter(({ length }) => length > 0)
      .map((run) => ({ run, edge: edgeOf(run.map(({ x, y }) => [x, y])) }))
    // A lone point has a stroke as well: its line cap.
    const line = drawn.map(({ run, edge }) => `M${edge}${run.length === 1 ? 'h0' : ''}`).join('')
    if (!stacked) return { key, color, line }
    const underOf = (run: readonly Point[]) => edgeOf(run.toReversed().map(({ x, base }) => [x, base]))
    return { key, color, line, area: drawn.map(({ run, edge }) => `M${edge}L${underOf(run)}Z`).join('') }
  })
}

function edgeOf(points: readonly (readonly [x: number, y: number])[]): string {
  return points.map(([x, y]) => `${digits(x)},${digits(y)}`).join('L')
}

/** A tenth of a pixel is less than what is seen. */
function digits(pixels: number): number {
  return Math.round(pixels * 10) / 10
}
