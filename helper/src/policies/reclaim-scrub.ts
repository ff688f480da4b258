// The modes reclaim (to a target, then stop) and periodic (the paper's: everything double cached, every n seconds).
import type { Guards, PeriodicPolicy, ReclaimPolicy } from '../../../src/shared/contract/policies.ts'
import type { RegionHistory, ScrubHistory } from './region-history.ts'
import type { Evict, ScrubWish } from './scrub-action.ts'
import { scrubbableImages } from './scrub-guards.ts'
import type { RegionObservation, ScrubObservation } from './scrub-observation.ts'
import type { ScrubState } from './scrub-state.ts'

/**
 * Plans evictions, in pages, until the target is met, then asks to stop; a target of pressure alone never stops.
 * Pure.
 */
export function planReclaim(
  policy: ReclaimPolicy,
  state: ScrubState,
  observation: ScrubObservation,
): ScrubWish {
  if (state.finished) return { actions: [], finished: true, explanation: ['reclaim: target met, stopped'] }
  const missing = missingPages(policy, state, observation)
  if (typeof missing === 'string') return { actions: [], finished: false, explanation: [missing] }
  const pressureOnly = policy.target.pressureRatio !== undefined
  if (missing <= 0) {
    const text = pressureOnly ? 'reclaim: pressure is below its bound' : 'reclaim: target met'
    return { actions: [], finished: !pressureOnly, explanation: [text] }
  }
  const actions = upTo(mostUselessFirst(policy.guards, state.history, observation), missing)
  const found = actions.reduce((sum, action) => sum + action.pages, 0)
  const text =
    found === 0
      ? 'reclaim: the target is not met, but nothing evictable is double cached'
      : `reclaim: evicts ${found} of ${Math.ceil(missing)} pages wanted`
  return { actions, finished: false, explanation: [text] }
}

/** Pages still to be freed, or why that is not known. Under pressure: a tenth of the cache at a time. */
function missingPages(
  policy: ReclaimPolicy,
  state: ScrubState,
  observation: ScrubObservation,
): number | string {
  const { freeBytes, cacheBytes, pressureRatio } = policy.target
  const cache = observation.memory.imageCachePages
  if (freeBytes !== undefined)
    return Math.ceil(freeBytes / observation.pageBytes) - state.history.evictedPages
  if (cacheBytes !== undefined) {
    const over = cache - Math.floor(cacheBytes / observation.pageBytes)
    return over <= arrivedSinceEviction(state, observation) ? 0 : over
  }
  const pressure = observation.memory.pressureRatio
  if (pressure === undefined) return 'reclaim: pressure is not reported by this kernel'
  return pressure >= (pressureRatio ?? 0) ? Math.ceil(cache / 10) : 0
}

/** What has arrived since we evicted down to the target does not make the target unmet: else reclaim never stops. */
function arrivedSinceEviction(state: ScrubState, observation: ScrubObservation): number {
  if (state.history.evictedPages === 0) return 0
  let arrived = 0
  for (const image of observation.images) for (const region of image.regions) arrived += region.arrivedPages
  return arrived
}

/** Plans the eviction of all double-cached pages each time `everySeconds` have passed since the last act. Pure. */
export function planPeriodic(
  policy: PeriodicPolicy,
  state: ScrubState,
  observation: ScrubObservation,
): ScrubWish {
  const due = (state.lastActSeconds ?? Number.NEGATIVE_INFINITY) + policy.everySeconds
  if (observation.atSeconds < due)
    return { actions: [], finished: false, explanation: [`periodic: next scrub at ${due} s`] }
  const actions = mostUselessFirst(policy.guards, state.history, observation)
  const pages = actions.reduce((sum, action) => sum + action.pages, 0)
  return { actions, finished: false, explanation: [`periodic: evicts ${pages} double-cached pages`] }
}

/**
 * Evictions of double-cached pages, most useless first: those of regions that are read again least; among equals
 * the latest to arrive, which a guest will keep longest.
 */
export function mostUselessFirst(
  guards: Guards,
  history: ScrubHistory,
  observation: ScrubObservation,
): Evict[] {
  const found: { action: Evict; known: RegionHistory | undefined }[] = []
  for (const image of scrubbableImages(guards, observation)) {
    const histories = history.images.get(image.path)
    for (const region of image.regions) {
      const pages = evictablePages(guards, region, region.doubleCachedPages ?? 0)
      if (pages <= 0) continue
      const known = histories?.get(region.index)
      found.push({ action: evictDoubles(guards, image.path, region.index, pages), known })
    }
  }
  const rate = (known: RegionHistory | undefined) => known?.rereadsPerSecond ?? 0
  const arrival = (known: RegionHistory | undefined) => known?.lastArrivalSeconds ?? 0
  found.sort((a, b) => rate(a.known) - rate(b.known) || arrival(b.known) - arrival(a.known))
  return found.map((entry) => entry.action)
}

function evictDoubles(guards: Guards, image: string, region: number, pages: number): Evict {
  return {
    image,
    region,
    take: 'double-cached',
    pages,
    flush: guards.dirty === 'flush',
    stream: false,
  }
}

/** Of `wanted` pages of a region, those that are not dirty, unless dirty pages are flushed. */
export function evictablePages(guards: Guards, region: RegionObservation, wanted: number): number {
  if (guards.dirty === 'flush') return wanted
  return Math.min(wanted, region.residentPages - (region.dirtyPages ?? 0))
}

/** The first of `actions` that together evict `pages`; the last one is cut to fit. */
export function upTo(actions: readonly Evict[], pages: number): Evict[] {
  const taken: Evict[] = []
  let missing = pages
  for (const action of actions) {
    if (missing <= 0) break
    taken.push(action.pages <= missing ? action : { ...action, pages: missing })
    missing -= action.pages
  }
  return taken
}
