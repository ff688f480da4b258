// What a policy remembers of each region: how often pages that are not resident are read again, and how.
//
// Hits in the host's cache cannot be seen from outside; arrivals can. A region's arrivals per page that was not
// resident are the rate at which such a page is read again: its reuse distance, as a ghost list would give it.
import { followFront, type ImageFront } from './image-front.ts'
import type { Evict } from './scrub-action.ts'
import type { RegionObservation, ScrubObservation } from './scrub-observation.ts'

export interface RegionHistory {
  readonly residentPages: number
  /** 0 to 1: of late, how much of what arrived came in sequential runs. */
  readonly sequentialRatio: number
  readonly lastArrivalSeconds: number
  /** When pages last arrived in a sequential run. */
  readonly lastRunSeconds: number
  /** Reads per second of a page of this region that is not resident; decays while nothing arrives. */
  readonly rereadsPerSecond: number
  /** Asked to be evicted by the last plan. */
  readonly askedPages: number
  readonly evictedAsStream: boolean
  /** Left without being asked to, and not yet come back. */
  readonly lostPages: number
  /** What had arrived of the image when they left, on the mean, in pages: how far back that is. */
  readonly lostAtPages: number
  /** Pages that the kernel had taken came back in a sequential run: it cannot hold this stream. */
  readonly lostAndReread: boolean
  /** Was evicted by us and came back: it is read more than once. */
  readonly cameBack: boolean
  /** Was full at the first look, and nothing has arrived since: it may have come in a run or not. */
  readonly found: boolean
}

export type RegionHistories = ReadonlyMap<number, RegionHistory>

export interface ScrubHistory {
  readonly atSeconds: number | undefined
  readonly images: ReadonlyMap<string, RegionHistories>
  readonly fronts: ReadonlyMap<string, ImageFront>
  /** Smoothed over about `paceSeconds`. */
  readonly arrivalsPerSecond: number
  /** Between the last two observations. */
  readonly tickSeconds: number
  /** Asked to be evicted and gone at the next look, since the beginning. */
  readonly evictedPages: number
  /** Of those, what has gone since the last look. */
  readonly justEvicted: EvictedPages
  /** Arrivals since the beginning, by image. */
  readonly arrivedPages: ReadonlyMap<string, number>
  /** What the kernel had taken and a guest has read again since the last look. */
  readonly rereads: readonly Reread[]
}

/** Pages that a larger cache would have kept: how much larger, `distancePages` says. */
export interface Reread {
  readonly image: string
  readonly pages: number
  /** Pages of the same image that arrived in between. */
  readonly distancePages: number
}

/** Streams and other pages apart. */
export interface EvictedPages {
  readonly streams: number
  readonly others: number
}

export const initialHistory: ScrubHistory = {
  atSeconds: undefined,
  images: new Map(),
  fronts: new Map(),
  arrivalsPerSecond: 0,
  tickSeconds: 0,
  evictedPages: 0,
  justEvicted: { streams: 0, others: 0 },
  arrivedPages: new Map(),
  rereads: [],
}

const unseen: RegionHistory = {
  residentPages: 0,
  sequentialRatio: 0,
  lastArrivalSeconds: Number.NEGATIVE_INFINITY,
  lastRunSeconds: Number.NEGATIVE_INFINITY,
  rereadsPerSecond: 0,
  askedPages: 0,
  evictedAsStream: false,
  lostPages: 0,
  lostAtPages: 0,
  lostAndReread: false,
  cameBack: false,
  found: false,
}

/** A quarter of a region that arrives at random is enough to forget a run. */
const randomWeight = 4

/** Seconds over which a region's rate of rereads is averaged. */
const rateSeconds = 20
const paceSeconds = 2

/** Regions without pages and without arrivals for `memorySeconds` are forgotten. */
export function followRegions(
  history: ScrubHistory,
  observation: ScrubObservation,
  memorySeconds: number,
): ScrubHistory {
  const now = observation.atSeconds
  const elapsed = history.atSeconds === undefined ? 0 : now - history.atSeconds
  const images = new Map<string, RegionHistories>()
  let arrivals = 0
  const arrivedPages = new Map(history.arrivedPages)
  const fronts = new Map<string, ImageFront>()
  const rereads: Reread[] = []
  const justEvicted = { streams: 0, others: 0 }
  const noteGone = (known: RegionHistory, left: number) => {
    justEvicted[known.evictedAsStream ? 'streams' : 'others'] += Math.min(known.askedPages, left)
  }
  for (const image of observation.images) {
    const before = history.images.get(image.path) ?? new Map<number, RegionHistory>()
    const after = new Map<number, RegionHistory>()
    fronts.set(
      image.path,
      followFront(history.fronts.get(image.path), image, observation.regionPages, elapsed),
    )
    // What is there at the first look has not just arrived.
    const since = history.atSeconds === undefined ? 0 : arrivedOf(image)
    const clock = (arrivedPages.get(image.path) ?? 0) + since
    arrivedPages.set(image.path, clock)
    for (const region of image.regions) {
      arrivals += region.arrivedPages
      const known = before.get(region.index) ?? unseen
      noteGone(known, leftPages(known, region))
      const step = { now, elapsed, clock, regionPages: observation.regionPages }
      const again = rereadOf(known, region, step)
      if (again > 0)
        rereads.push({ image: image.path, pages: again, distancePages: clock - known.lostAtPages })
      after.set(
        region.index,
        history.atSeconds === undefined ? found(region, step) : followed(known, region, step),
      )
    }
    for (const [index, known] of before) {
      if (after.has(index) || isForgotten(known, now, memorySeconds)) continue
      noteGone(known, known.residentPages)
      after.set(index, vanished(known, elapsed, clock))
    }
    images.set(image.path, after)
  }
  return {
    atSeconds: now,
    images,
    fronts,
    arrivalsPerSecond: paceOf(history, arrivals, elapsed),
    tickSeconds: elapsed,
    evictedPages: history.evictedPages + justEvicted.streams + justEvicted.others,
    justEvicted,
    arrivedPages,
    rereads,
  }
}

function arrivedOf({ regions }: ScrubObservation['images'][number]): number {
  return regions.reduce((sum, { arrivedPages }) => sum + arrivedPages, 0)
}

/** Which pages arrived is not told, only how many: of the absent ones each is as likely. */
function rereadOf(known: RegionHistory, seen: RegionObservation, { regionPages }: Step): number {
  if (known.lostPages === 0 || seen.arrivedPages === 0) return 0
  const absent = Math.max(1, regionPages - known.residentPages)
  return Math.min(known.lostPages, seen.arrivedPages * Math.min(1, known.lostPages / absent))
}

/** The first observation finds everything "arrived": it says nothing about the pace. */
function paceOf(history: ScrubHistory, arrivals: number, elapsed: number): number {
  if (elapsed <= 0) return 0
  const keep = Math.exp(-elapsed / paceSeconds)
  return history.arrivalsPerSecond * keep + (arrivals / elapsed) * (1 - keep)
}

/** Resident at the last look and not now. */
function leftPages(known: RegionHistory, seen: RegionObservation): number {
  return Math.max(0, known.residentPages + seen.arrivedPages - seen.residentPages)
}

function isForgotten(known: RegionHistory, now: number, memorySeconds: number): boolean {
  return known.residentPages === 0 && now - known.lastArrivalSeconds > memorySeconds
}

interface Step {
  readonly now: number
  readonly elapsed: number
  /** Of the image's arrivals. */
  readonly clock: number
  readonly regionPages: number
}

/** At the first look all that is there has "arrived": full regions must not be taken for runs. */
function found(seen: RegionObservation, { now, regionPages }: Step): RegionHistory {
  const { residentPages } = seen
  return { ...unseen, residentPages, lastArrivalSeconds: now, found: residentPages === regionPages }
}

function followed(known: RegionHistory, seen: RegionObservation, step: Step): RegionHistory {
  const arrived = seen.arrivedPages
  const justLost = Math.max(0, leftPages(known, seen) - known.askedPages)
  const lost = known.lostPages + justLost
  const sequential = arrived === 0 ? 0 : seen.sequentialPages / arrived
  // One page more or less must not turn a stream into something else, a full region must at once; rereads at
  // random are mostly hits, which cannot be seen, so that the few misses among them count for more.
  const weight = Math.min(1, ((sequential < 0.5 ? randomWeight : 2) * arrived) / step.regionPages)
  const rereadOfLost = sequential > 0.5 && lost > 0 && arrived > 0
  return {
    residentPages: seen.residentPages,
    sequentialRatio: known.sequentialRatio * (1 - weight) + sequential * weight,
    lastArrivalSeconds: arrived > 0 ? step.now : known.lastArrivalSeconds,
    lastRunSeconds: seen.sequentialPages > 0 ? step.now : known.lastRunSeconds,
    rereadsPerSecond: rereads(known, seen, step),
    askedPages: 0,
    found: known.found && arrived === 0,
    evictedAsStream: known.evictedAsStream,
    lostPages: Math.max(0, lost - rereadOf(known, seen, step)),
    lostAtPages: meanClock(known, justLost, step.clock),
    lostAndReread: known.lostAndReread || rereadOfLost,
    cameBack: known.cameBack || 2 * seen.returnedPages > step.regionPages,
  }
}

function meanClock({ lostPages, lostAtPages }: RegionHistory, justLost: number, clock: number): number {
  const all = lostPages + justLost
  return all === 0 ? clock : (lostPages * lostAtPages + justLost * clock) / all
}

function rereads(known: RegionHistory, seen: RegionObservation, step: Step): number {
  if (step.elapsed <= 0) return known.rereadsPerSecond
  const absent = Math.max(1, step.regionPages - known.residentPages)
  const keep = Math.exp(-step.elapsed / rateSeconds)
  const rate = seen.arrivedPages / step.elapsed / absent
  return known.rereadsPerSecond * keep + rate * (1 - keep)
}

function vanished(known: RegionHistory, elapsed: number, clock: number): RegionHistory {
  const justLost = Math.max(0, known.residentPages - known.askedPages)
  return {
    ...known,
    residentPages: 0,
    rereadsPerSecond: known.rereadsPerSecond * Math.exp(-elapsed / rateSeconds),
    lostPages: known.lostPages + justLost,
    lostAtPages: meanClock(known, justLost, clock),
    askedPages: 0,
  }
}

/** Notes what a plan asks to evict, so that it is not taken for the kernel's choice afterwards. */
export function noteEvictions(history: ScrubHistory, actions: readonly Evict[]): ScrubHistory {
  const images = new Map(history.images)
  const touched = new Set<string>()
  for (const action of actions) {
    const regions = touched.has(action.image)
      ? (images.get(action.image) as Map<number, RegionHistory>)
      : new Map(images.get(action.image))
    touched.add(action.image)
    const known = regions.get(action.region) ?? unseen
    const askedPages = known.askedPages + action.pages
    regions.set(action.region, { ...known, askedPages, evictedAsStream: action.stream })
    images.set(action.image, regions)
  }
  return { ...history, images }
}
