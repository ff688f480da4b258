// The mode adaptive: keeps head-room so that the kernel's LRU never has to choose, and takes what is worth least.
//
// A page is worth (how often a page of its region is read again) x (what such a read costs). Only pages known to be
// worth less than what the kernel would take are evicted: streams that the cache cannot hold, and double-cached
// pages where the policy says so. For everything else the kernel's LRU, which sees hits, knows better.
import type { AdaptivePolicy } from '../../../src/shared/contract/policies.ts'
import { evictablePages, mostUselessFirst, upTo } from './reclaim-scrub.ts'
import type { RegionHistories, RegionHistory } from './region-history.ts'
import type { Evict, ScrubWish } from './scrub-action.ts'
import { scrubbableImages } from './scrub-guards.ts'
import type { ImageObservation, RegionObservation, ScrubObservation } from './scrub-observation.ts'
import type { ScrubState } from './scrub-state.ts'
import { type Balance, balanceOf, priceOfRuns, type ScrubWorth } from './scrub-worth.ts'
import { findStream, type Stream } from './streams.ts'

/** Head-room for arrivals never takes more than this share of the limit. */
const maxHeadRoomRatio = 0.5
/** Arrivals and looks come unevenly, and once the cache is full the kernel takes what is oldest: not the stream. */
const arrivalMargin = 2
/** Looks are not closer than this, however fast pages arrive. */
const minSeconds = 0.3

/** A page of a stream costs no more reads than this: what comes in smaller pieces is no stream. */
const maxRunPrice = 1 / 8
/** What would save less than this share of storage's reads, or less than one a second, is not worth the risk. */
const minSavedRatio = 0.03
const minSavedReads = 1
/** What guests hit is not known before. */
const minSeenSeconds = 3

/**
 * Plans evictions, in pages, so that the cache of images stays under its limit with room for what arrives until the
 * next round: streams first, then double-cached regions of least worth. Evicts nothing while there is room, and
 * nothing while it would save no reads. Pure.
 */
export function planAdaptive(
  policy: AdaptivePolicy,
  state: ScrubState,
  observation: ScrubObservation,
): ScrubWish {
  const { imageCachePages: cache, imageCacheLimitPages: limit } = observation.memory
  const found = findStreams(policy, state, observation)
  const streamPages = cachedBy(found)
  const headRoom = headRoomPages(policy, state, limit)
  const excess = Math.ceil(cache - (limit - headRoom))
  const decided = { finished: false, streamPages, watch: new Set(found.keys()) }
  if (excess <= 0)
    return { ...decided, actions: [], explanation: [`adaptive: ${-excess} pages of room, evicts nothing`] }
  const over = `adaptive: ${excess} pages over the limit less ${Math.ceil(headRoom)} of head-room`
  const reason = found.size === 0 ? 'no stream to take them from' : whyNotWorth(policy, state, found)
  const streams =
    reason === undefined ? wholeUpTo(streamEvictions(policy, state, observation, found), excess) : []
  const pages = streams.reduce((sum, action) => sum + action.pages, 0)
  const doubles = planDoubles(policy, state, observation, excess - pages)
  const said =
    reason === undefined
      ? `evicts ${pages} pages of streams: ${describeBalance(balance(policy, state, found))}`
      : `${reason}, leaves them to the kernel`
  return { ...decided, actions: [...streams, ...doubles], explanation: [over, said] }
}

/** How many reads of storage a page costs that comes in a run: as measured, and never taken for cheaper than assumed. */
export function runPriceOf(policy: AdaptivePolicy, worth: ScrubWorth): number {
  return Math.max(policy.sequentialCostRatio, priceOfRuns(worth, policy.sequentialCostRatio))
}

/** undefined: evicting the streams saves reads. */
function whyNotWorth(
  policy: AdaptivePolicy,
  state: ScrubState,
  streams: ReadonlyMap<string, FoundStream>,
): string | undefined {
  const price = runPriceOf(policy, state.worth)
  if (price > maxRunPrice)
    return `what comes in runs takes a read for each ${(1 / price).toFixed(1)} pages: many small files, no stream`
  if (state.worth.seenSeconds < minSeenSeconds) return 'what guests hit is not known yet'
  const found = balance(policy, state, streams)
  const { savedReads, untoldReads, causedReads, storageReads } = found
  const wanted = Math.max(minSavedReads, minSavedRatio * storageReads, causedReads)
  // A stream that is not hit costs nothing to evict: trying tells what cannot be told before.
  if (savedReads > wanted || savedReads + untoldReads > wanted + causedReads) return undefined
  return `nothing to win: ${describeBalance(found)}`
}

function balance(
  policy: AdaptivePolicy,
  { worth, history }: ScrubState,
  streams: ReadonlyMap<string, FoundStream>,
): Balance {
  return balanceOf(worth, history.arrivedPages, {
    images: new Set(streams.keys()),
    roomPages: cachedBy(streams),
    runPrice: runPriceOf(policy, worth),
  })
}

function describeBalance({ savedReads, causedReads, untoldReads, storageReads, isPartial }: Balance): string {
  const untold = untoldReads < minSavedReads ? '' : ` and perhaps ${untoldReads.toFixed(0)} more`
  return (
    `about ${savedReads.toFixed(1)} reads/s saved${untold}, ${causedReads.toFixed(1)} caused, ` +
    `of ${storageReads.toFixed(0)}${isPartial ? ' (of some guests it is not known what they ask)' : ''}`
  )
}

/** In pages, by all streams. */
function cachedBy(streams: ReadonlyMap<string, FoundStream>): number {
  return [...streams.values()].reduce((sum, stream) => sum + cachedPages(stream), 0)
}

function cachedPages({ image, stream }: FoundStream): number {
  return image.regions.reduce(
    (sum, { index, residentPages }) => sum + (stream.regions.has(index) ? residentPages : 0),
    0,
  )
}

interface FoundStream {
  readonly image: ImageObservation
  readonly histories: RegionHistories
  readonly stream: Stream
}

/** By path; images of which nothing may be taken are left out. */
function findStreams(
  policy: AdaptivePolicy,
  { history }: ScrubState,
  observation: ScrubObservation,
): ReadonlyMap<string, FoundStream> {
  const found = new Map<string, FoundStream>()
  const readAheadRegions = Math.max(1, Math.ceil((observation.readAheadPages ?? 0) / observation.regionPages))
  for (const image of scrubbableImages(policy.guards, observation)) {
    const histories = history.images.get(image.path) ?? new Map<number, RegionHistory>()
    const front = history.fronts.get(image.path)
    const stream = findStream(image, histories, { now: observation.atSeconds, front, readAheadRegions })
    if (stream !== undefined) found.set(image.path, { image, histories, stream })
  }
  return found
}

/** Whole regions until `pages` are met: a region evicted in part comes back in scraps that look like random reads. */
function wholeUpTo(actions: readonly Evict[], pages: number): Evict[] {
  const taken: Evict[] = []
  let missing = pages
  for (const action of actions) {
    if (missing <= 0) break
    taken.push(action)
    missing -= action.pages
  }
  return taken
}

function headRoomPages(policy: AdaptivePolicy, state: ScrubState, limit: number): number {
  const { arrivalsPerSecond, tickSeconds } = state.history
  const untilNext = Math.max(tickSeconds, nextAdaptiveSeconds(policy, state, limit))
  const forArrivals = Math.min(limit * maxHeadRoomRatio, arrivalsPerSecond * untilNext * arrivalMargin)
  return Math.max(limit * policy.headRoomRatio, forArrivals)
}

/** Seconds until the next round: the faster pages arrive, the sooner, so that less has to be kept free. Pure. */
export function nextAdaptiveSeconds(policy: AdaptivePolicy, state: ScrubState, limitPages: number): number {
  const pages = state.history.arrivalsPerSecond * arrivalMargin
  const fillSeconds = pages === 0 ? Number.POSITIVE_INFINITY : (limitPages * policy.headRoomRatio) / pages
  const fastest = Math.min(policy.intervalSeconds, minSeconds)
  return Math.min(policy.intervalSeconds, Math.max(fastest, fillSeconds))
}

interface Candidate {
  readonly action: Evict
  readonly worth: number
  readonly arrivedAt: number
}

/**
 * All evictable pages of streams, least worth first; of a loop the latest first, so that a fixed part stays.
 * Whether a stream is a loop that would fit is not known before it comes again: until then its pages go rather than
 * what the kernel would take in their place, at the price of one more sequential read of each.
 */
function streamEvictions(
  policy: AdaptivePolicy,
  { worth }: ScrubState,
  observation: ScrubObservation,
  streams: ReadonlyMap<string, FoundStream>,
): Evict[] {
  const found: Candidate[] = []
  const price = runPriceOf(policy, worth)
  for (const { image, histories, stream } of streams.values()) {
    const isOutgrown = outgrown(policy, stream, observation)
    for (const region of image.regions) {
      if (!stream.regions.has(region.index) || stream.heads.has(region.index)) continue
      const pages = evictablePages(policy.guards, region, allowedPages(policy, image, region))
      const known = histories.get(region.index)
      if (pages <= 0 || known === undefined || (!isOutgrown && known.cameBack)) continue
      found.push({
        action: {
          image: image.path,
          region: region.index,
          take: 'clean',
          pages,
          flush: policy.guards.dirty === 'flush',
          stream: true,
        },
        worth: worthOf(price, known),
        arrivedAt: known.lastArrivalSeconds,
      })
    }
  }
  // Rates of one loop differ by noise only: compare them by powers of two, then the latest arrival goes first.
  const grade = (worth: number) => Math.round(Math.log2(worth + 1e-9))
  found.sort(
    (a, b) =>
      grade(a.worth) - grade(b.worth) || b.arrivedAt - a.arrivedAt || b.action.region - a.action.region,
  )
  return found.map((candidate) => candidate.action)
}

/** What the guard of shared bases will let through: what it holds back must not count as taken. */
function allowedPages(policy: AdaptivePolicy, image: ImageObservation, region: RegionObservation): number {
  if (image.guests < 2 || policy.guards.sharedBase === 'evict') return region.residentPages
  return policy.guards.sharedBase === 'keep' ? 0 : (region.heldByAllPages ?? 0)
}

/** A loop that fits the cache is left to the kernel until the kernel has shown that it cannot hold it. */
function outgrown(policy: AdaptivePolicy, stream: Stream, observation: ScrubObservation): boolean {
  const footprint = stream.regions.size * observation.regionPages
  return stream.lostByKernel || footprint > policy.streamShareRatio * observation.memory.imageCacheLimitPages
}

/** Expected cost per second of not having a page of this region, in random reads. */
function worthOf(runPrice: number, known: RegionHistory): number {
  const cost = 1 - known.sequentialRatio * (1 - runPrice)
  return known.rereadsPerSecond * cost
}

function planDoubles(
  policy: AdaptivePolicy,
  state: ScrubState,
  observation: ScrubObservation,
  excess: number,
): Evict[] {
  if (policy.doubleCached === 'keep' || excess <= 0) return []
  return upTo(mostUselessFirst(policy.guards, state.history, observation), excess)
}
