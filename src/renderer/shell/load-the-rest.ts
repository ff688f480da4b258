// When the parts that the first paint does not need are loaded: after it.
import type { FleetStore } from '../store/fleet-store.ts'
import { loadAllParts } from '../ui/later.tsx'

/** The mark in the page's timeline that stands before every load of what the first paint does not need. */
const markName = 'first-page-drawn'

/** Waits for `page`'s code and for the fleet, or for the message that there is none, and for the frame that draws them. */
export async function loadTheRest(store: FleetStore, page: Promise<void>): Promise<void> {
  await Promise.all([page.catch(() => undefined), fleetIsKnown(store)])
  await nextFrame()
  await nextFrame()
  performance.mark(markName)
  await loadAllParts()
}

function fleetIsKnown(store: FleetStore): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      const { hosts, link } = store.snapshot()
      if (hosts === undefined && link.state !== 'lost' && link.state !== 'failed') return false
      stop()
      resolve()
      return true
    }
    const stop = store.subscribe(look)
    look()
  })
}

/** A window that nobody sees draws no frames, and needs nothing loaded. */
function nextFrame(): Promise<void> {
  return new Promise((resolve) => requestAnimationFrame(() => resolve()))
}
