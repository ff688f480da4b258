// Where a page is scrolled to when it is opened.
import { useLayoutEffect, useRef } from 'react'
import type { Route } from '../model/route.ts'

/** A page begins at its top; the fleet where it was left, so that the way back from a host ends at its row. */
export function usePageScroll(route: Route): void {
  const fleetLeftAt = useRef(0)
  const isFleet = route.page === 'fleet'
  const key = `${route.page} ${route.hostId} ${route.item}`
  // biome-ignore lint/correctness/useExhaustiveDependencies: another host is another page.
  useLayoutEffect(() => {
    // The browser would put back its own, before the page is there to be scrolled.
    history.scrollRestoration = 'manual'
    scrollTo(0, isFleet ? fleetLeftAt.current : 0)
    if (!isFleet) return
    const note = () => {
      fleetLeftAt.current = scrollY
    }
    addEventListener('scroll', note, { passive: true })
    return () => removeEventListener('scroll', note)
  }, [isFleet, key])
}
