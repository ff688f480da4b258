// One clock for all components that show a span.
import { useSyncExternalStore } from 'react'
import { workbenchNow } from '../model/workbench-clock.ts'

const listeners = new Set<() => void>()
let timer: ReturnType<typeof setInterval> | undefined
let now = workbenchNow()

function tick(): void {
  now = workbenchNow()
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  timer ??= setInterval(tick, 1_000)
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
}

/** The workbench's time, renewed every second. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now)
}
