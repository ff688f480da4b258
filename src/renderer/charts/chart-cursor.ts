// The instant that is being read on the charts of a page: one crosshair for all of them.
import { useSyncExternalStore } from 'react'

export interface ChartCursor {
  readonly at: number
  /** Charts with the same name show it together. */
  readonly group: string
  /** The chart that is pointed at or has the focus. */
  readonly chart: string
}

let cursor: ChartCursor | undefined
const listeners = new Set<() => void>()

/** Undefined: nothing is being read. */
export function moveCursor(next: ChartCursor | undefined): void {
  if (next?.at === cursor?.at && next?.chart === cursor?.chart) return
  cursor = next
  for (const listener of listeners) listener()
}

/** Of the group; charts of other groups do not hear of it. */
export function useCursor(group: string): ChartCursor | undefined {
  return useSyncExternalStore(subscribe, () => (cursor?.group === group ? cursor : undefined))
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
