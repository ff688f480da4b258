// Lets a policy's wishes through as far as the guards allow, and says what was held back.
import type { Guards } from '../../../src/shared/contract/policies.ts'
import type { Evict } from './scrub-action.ts'
import { type GuardState, isPaused, scrubbableImages } from './scrub-guards.ts'
import type { ImageObservation, RegionObservation, ScrubObservation } from './scrub-observation.ts'

export interface Admitted {
  readonly actions: readonly Evict[]
  readonly explanation: readonly string[]
}

interface Room {
  readonly image: ImageObservation
  /** Filled for shared bases only. */
  readonly regions: ReadonlyMap<number, RegionObservation>
  /** Resident pages above the floor. */
  pages: number
}

type Held = 'floor' | 'rate' | 'shared base' | 'back-off'

/** `elapsedSeconds`: time since the last act, which the rate limit may spend. */
export function admitActions(
  guards: Guards,
  state: GuardState,
  observation: ScrubObservation,
  wished: readonly Evict[],
  elapsedSeconds: number,
): Admitted {
  const rooms = roomsOf(guards, observation, new Set(wished.map((action) => action.image)))
  let budget = Math.floor((guards.evictBytesPerSecond * elapsedSeconds) / observation.pageBytes)
  const actions: Evict[] = []
  const held = new Map<Held, number>()
  const hold = (why: Held, pages: number) => held.set(why, (held.get(why) ?? 0) + pages)
  for (const action of wished) {
    const room = rooms.get(action.image)
    if (room === undefined) continue
    const narrowed = isPaused(state, action.stream) ? undefined : forSharedBase(guards, room, action)
    if (narrowed === undefined) {
      hold(isPaused(state, action.stream) ? 'back-off' : 'shared base', action.pages)
      continue
    }
    const pages = Math.min(narrowed.pages, room.pages, budget)
    if (pages < narrowed.pages) hold(room.pages < budget ? 'floor' : 'rate', narrowed.pages - pages)
    if (pages <= 0) continue
    room.pages -= pages
    budget -= pages
    actions.push({ ...narrowed, pages })
  }
  return { actions, explanation: [...held].map(([why, pages]) => `${pages} pages held back: ${why}`) }
}

function roomsOf(
  guards: Guards,
  observation: ScrubObservation,
  wished: ReadonlySet<string>,
): Map<string, Room> {
  const rooms = new Map<string, Room>()
  for (const image of scrubbableImages(guards, observation)) {
    if (!wished.has(image.path)) continue
    const floorBytes = image.floorBytes ?? guards.imageFloors[image.path] ?? guards.imageFloorBytes
    const resident = image.regions.reduce((sum, region) => sum + region.residentPages, 0)
    rooms.set(image.path, {
      image,
      regions: new Map(image.guests < 2 ? [] : image.regions.map((region) => [region.index, region])),
      pages: Math.max(0, resident - Math.ceil(floorBytes / observation.pageBytes)),
    })
  }
  return rooms
}

/** Of an image that several guests open, takes only what all of them hold; undefined when nothing is left. */
function forSharedBase(guards: Guards, room: Room, action: Evict): Evict | undefined {
  if (room.image.guests < 2 || guards.sharedBase === 'evict') return action
  if (guards.sharedBase === 'keep') return undefined
  const pages = Math.min(action.pages, room.regions.get(action.region)?.heldByAllPages ?? 0)
  return pages > 0 ? { ...action, take: 'held-by-all', pages } : undefined
}
