// What lies over the plot: the crosshair, the values under it, marks, and the part that is being dragged over. Drawn apart
// from the plot, so that reading values draws no line anew.
import { type KeyboardEvent, type PointerEvent, useState } from 'react'
import type { Mark } from '../../shared/contract/index.ts'
import type { Unit } from '../design/quantities.ts'
import { ChartTooltip, sayRow } from './ChartTooltip.tsx'
import classes from './chart.module.css'
import { moveCursor, useCursor } from './chart-cursor.ts'
import { instantAt, leftOf, shareOf, type TimeRange } from './chart-geometry.ts'
import { marksNear } from './chart-marks.ts'
import { type ChartLayer, type ChartRow, rowNear } from './chart-rows.ts'
import { MarkSymbols } from './MarkSymbols.tsx'
import { readKey } from './read-keys.ts'

export interface ChartOverlayProps {
  readonly title: string
  readonly unit: Unit
  readonly layers: readonly ChartLayer[]
  readonly rows: readonly ChartRow[]
  readonly range: TimeRange
  readonly marks: readonly Mark[]
  readonly group: string
  /** Absent: the range cannot be changed here. */
  readonly onZoom: ((range: TimeRange) => void) | undefined
  readonly onReset: (() => void) | undefined
}

/** Shorter drags are clicks. */
const minDragPixels = 6

export function ChartOverlay(props: ChartOverlayProps) {
  const { title, rows, range, group, onReset, marks } = props
  const cursor = useCursor(group)
  const index = cursor && rowNear(rows, cursor.at)
  const row = index === undefined ? undefined : rows[index]
  const { drag, ...pointer } = usePointer(props)
  const near = row ? marksNear(marks, row.at, range) : []
  const isRead = cursor?.chart === title
  const press = (event: KeyboardEvent) => {
    const act = readKey(event, { rows, range, index })
    if (act === undefined) return
    event.preventDefault()
    event.stopPropagation()
    if (act.kind === 'read') moveCursor({ at: act.at, group, chart: title })
    else if (act.kind === 'end') moveCursor(undefined)
    else if (act.kind === 'reset') props.onReset?.()
    else props.onZoom?.(act.range)
  }
  return (
    <div
      className={classes.overlay}
      role="slider"
      tabIndex={0}
      aria-label={`${title}: read the values`}
      aria-orientation="horizontal"
      aria-valuemin={0}
      aria-valuemax={Math.max(0, rows.length - 1)}
      aria-valuenow={index ?? rows.length - 1}
      aria-valuetext={row ? sayRow({ ...props, row, marks: near }) : 'press an arrow key to read'}
      data-chart={title}
      onKeyDown={press}
      onBlur={() => moveCursor(undefined)}
      onDoubleClick={onReset}
      {...pointer}
    >
      <MarkSymbols marks={marks} range={range} />
      {drag && (
        <i
          className={classes.drag}
          style={{ left: leftOf(drag.from, range), right: `calc(100% - ${leftOf(drag.to, range)})` }}
        />
      )}
      {row && <Crosshair at={row.at} range={range} />}
      {row && isRead && !drag && (
        <div
          className={classes.tooltip}
          data-testid="chart-values"
          style={
            shareOf(row.at, range) > 0.5
              ? { right: `calc(100% - ${leftOf(row.at, range)} + 10px)` }
              : { left: `calc(${leftOf(row.at, range)} + 10px)` }
          }
        >
          <ChartTooltip {...props} row={row} marks={near} />
        </div>
      )}
    </div>
  )
}

/** Moved as a whole, by the share of its own width: it has a layer of its own, so the plot below is not painted anew. */
function Crosshair({ at, range }: { readonly at: number; readonly range: TimeRange }) {
  const share = shareOf(at, range)
  return (
    <div className={classes.crosses}>
      <i
        className={classes.cross}
        data-testid="crosshair"
        style={{ transform: `translateX(${(100 * share).toFixed(3)}%)` }}
      />
    </div>
  )
}

/** Pointing reads, dragging marks a part of the range. */
function usePointer({ title, range, group, onZoom }: ChartOverlayProps) {
  const [start, setStart] = useState<{ readonly x: number; readonly at: number }>()
  const [at, setAt] = useState<number>()
  const place = (event: PointerEvent<HTMLElement>) => {
    const box = event.currentTarget.getBoundingClientRect()
    return { x: event.clientX, at: instantAt(event.clientX - box.left, box.width, range) }
  }
  const drag =
    start && at !== undefined && start.at !== at
      ? { from: Math.min(start.at, at), to: Math.max(start.at, at) }
      : undefined
  return {
    drag,
    onPointerDown: (event: PointerEvent<HTMLElement>) => {
      if (event.button !== 0 || !onZoom) return
      event.currentTarget.setPointerCapture(event.pointerId)
      setStart(place(event))
      setAt(undefined)
    },
    onPointerMove: (event: PointerEvent<HTMLElement>) => {
      const here = place(event)
      if (start) setAt(here.at)
      moveCursor({ at: here.at, group, chart: title })
    },
    onPointerUp: (event: PointerEvent<HTMLElement>) => {
      if (start && drag && Math.abs(event.clientX - start.x) >= minDragPixels) onZoom?.(drag)
      setStart(undefined)
      setAt(undefined)
    },
    onPointerLeave: () => start || moveCursor(undefined),
  }
}
