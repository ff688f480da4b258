// What a key does on a chart. Pure.
import { type TimeRange, zoomAround } from './chart-geometry.ts'
import type { ChartRow } from './chart-rows.ts'

export type ReadAct =
  | { readonly kind: 'read'; readonly at: number }
  | { readonly kind: 'zoom'; readonly range: TimeRange }
  | { readonly kind: 'end' }
  | { readonly kind: 'reset' }

interface Reading {
  readonly rows: readonly ChartRow[]
  readonly range: TimeRange
  /** Of the row that is read; undefined: none yet. */
  readonly index: number | undefined
}

interface Key {
  readonly key: string
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly altKey: boolean
}

const pageOfRows = 20

export function readKey(pressed: Key, { rows, range, index }: Reading): ReadAct | undefined {
  if (pressed.ctrlKey || pressed.metaKey || pressed.altKey) return undefined
  const { key } = pressed
  if (key === 'Escape') return index === undefined ? undefined : { kind: 'end' }
  if (key === '0') return { kind: 'reset' }
  const last = rows.length - 1
  const around = rows[index ?? last]?.at ?? range.to
  if (key === '+' || key === '=') return { kind: 'zoom', range: zoomAround(around, range, 0.5) }
  if (key === '-') return { kind: 'zoom', range: zoomAround(around, range, 2) }
  const to = indexAfter(key, index, last)
  const row = to === undefined ? undefined : rows[Math.min(last, Math.max(0, to))]
  return row && { kind: 'read', at: row.at }
}

function indexAfter(key: string, index: number | undefined, last: number): number | undefined {
  // The first arrow reads the newest value.
  const from = index ?? last + (key === 'ArrowLeft' ? 1 : 0)
  switch (key) {
    case 'ArrowLeft':
      return from - 1
    case 'ArrowRight':
      return from + 1
    case 'PageDown':
      return from - pageOfRows
    case 'PageUp':
      return from + pageOfRows
    case 'Home':
      return 0
    case 'End':
      return last
    default:
      return undefined
  }
}
