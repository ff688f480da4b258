// The mode adaptive: keeps head-room so that the kernel's LRU never has to choose, and takes what is worth least.
//
// A page is worth (how often a page of its region is read again) x (what such a read costs). Only pages known to be
// worth less than what the kernel would take are evicted: streams that the cache cannot hold, and double-cached
// pages where the policy says so. For everything else the kernel's LRU, which sees hits, knows better.
import type { AdaptivePolicy } from '../../../src/shared/contract/policies.ts'
import { evictablePages, mostUselessFirst, upTo } from './reclaim-scrub.ts'
import type { RegionHistories, RegionHistory } from './region-history.ts'
import type { Evict, ScrubWish } from './scrub-action.ts'
import { isQuiet, scrubbableImages } from './scrub-guards.ts'
import type { ImageObservation, RegionObservation, ScrubObservation } from './scrub-observation.ts'
import type { ScrubState } from './scrub-state.ts'
import { noTrial, stepTrial, type Trial } from './scrub-trial.ts'
import { type Balance, balanceOf, priceOfRuns, type ScrubWorth } from './scrub-worth.ts'
import { findStream, type Stream } from './streams.ts'

/** Head-room for arrivals never takes more than this share of the limit: of what guests may want, and of streams. */
const maxHeadRoomRatio = 0.5
const maxStreamRoomRatio = 0.8
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
  const streamPages = roomOf(state, found, observation.atSeconds)
  const headRoom = headRoomPages(policy, state, limit, found.size > 0 ? maxStreamRoomRatio : maxHeadRoomRatio)
  const excess = Math.ceil(cache - (limit - headRoom))
  const decided = { finished: false, streamPages, watch: new Set(found.keys()) }
  if (excess <= 0)
    return { ...decided, actions: [], explanation: [`adaptive: ${-excess} pages of room, evicts nothing`] }
  const over = `adaptive: ${excess} pages over the limit less ${Math.ceil(headRoom)} of head-room`
  const { reason, trial } = decide(policy, state, found, { now: observation.atSeconds, streamPages })
  const streams =
    reason === undefined ? wholeUpTo(streamEvictions(policy, state, observation, found), excess) : []
  const pages = streams.reduce((sum, action) => sum + action.pages, 0)
  const missing = cache - pages - (limit - headRoomPages(policy, state, limit, maxHeadRoomRatio))
  const doubles = planDoubles(policy, state, observation, Math.ceil(missing))
  const said =
    reason === undefined
      ? `${trial.sinceSeconds === undefined ? 'evicts' : 'tries to evict'} ${pages} pages of streams: ` +
        describeBalance(balance(policy, state, found, streamPages))
      : `${reason}, leaves them to the kernel`
  return { ...decided, trial, actions: [...streams, ...doubles], explanation: [over, said] }
}

/** How many reads of storage a page costs that comes in a run: as measured, and never taken for cheaper than assumed. */
export function runPriceOf(policy: AdaptivePolicy, worth: ScrubWorth): number {
  return Math.max(policy.sequentialCostRatio, priceOfRuns(worth, policy.sequentialCostRatio))
}

/** Without a reason evicting the streams saves reads, or is tried. */
function decide(
  policy: AdaptivePolicy,
  state: ScrubState,
  streams: Streams,
  { now, streamPages }: { readonly now: number; readonly streamPages: number },
): { readonly reason: string | undefined; readonly trial: Trial } {
  const no = (reason: string) => ({ reason, trial: state.trial })
  if (streams.size === 0) return no('no stream to take them from')
  const price = runPriceOf(policy, state.worth)
  if (price > maxRunPrice)
    return no(
      `what comes in runs takes a read for each ${(1 / price).toFixed(1)} pages: many small files, no stream`,
    )
  if (state.worth.seenSeconds < minSeenSeconds) return no('what guests hit is not known yet')
  const found = balance(policy, state, streams, streamPages)
  const { savedReads, untoldReads, causedReads, storageReads } = found
  const least = Math.max(minSavedReads, minSavedRatio * storageReads)
  const wanted = Math.max(least, causedReads)
  if (savedReads > wanted) return { reason: undefined, trial: noTrial }
  const { reason, trial } = stepTrial(state.trial, {
    ...{ now, maxRestSeconds: policy.guards.maxIntervalSeconds },
    ...{ mayWin: savedReads + untoldReads > wanted, costs: causedReads > least },
  })
  return { trial, reason: reason === undefined ? undefined : `${reason}: ${describeBalance(found)}` }
}

function balance(
  policy: AdaptivePolicy,
  { worth, history }: ScrubState,
  streams: Streams,
  roomPages: number,
): Balance {
  // Of an image that several guests open only what all of them hold is taken: neither room nor hits come from it.
  const own = [...streams].filter(([, { image }]) => image.guests < 2 || policy.guards.sharedBase === 'evict')
  return balanceOf(worth, history.arrivedPages, {
    images: new Set(own.map(([path]) => path)),
    roomPages,
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

/** In pages: what all streams have cached, and had while nothing was evicted. */
function roomOf({ guards, streamPages }: ScrubState, streams: Streams, now: number): number {
  const cached = [...streams.values()].reduce((sum, stream) => sum + cachedPages(stream), 0)
  return isQuiet(guards, now) ? cached : Math.max(streamPages, cached)
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

/** By path. */
type Streams = ReadonlyMap<string, FoundStream>

/** Images of which nothing may be taken are left out. */
function findStreams(
  policy: AdaptivePolicy,
  { history }: ScrubState,
  observation: ScrubObservation,
): Streams {
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

function headRoomPages(policy: AdaptivePolicy, state: ScrubState, limit: number, maxRatio: number): number {
  const { arrivalsPerSecond, tickSeconds } = state.history
  const untilNext = Math.max(tickSeconds, nextAdaptiveSeconds(policy, state, limit))
  const forArrivals = Math.min(limit * maxRatio, arrivalsPerSecond * untilNext * arrivalMargin)
  return Math.max(limit * policy.headRoomRatio, forArrivals)
}

/** Seconds until the next round: the faster pages arrive, the sooner, so that less has to be kept free. Pure. */
export function nextAdaptiveSeconds(policy: AdaptivePolicy, state: ScrubState, limitPages: number): number {
  const fillSeconds = secondsToFill(state, limitPages * policy.headRoomRatio)
  const fastest = Math.min(policy.intervalSeconds, minSeconds)
  return Math.min(policy.intervalSeconds, Math.max(fastest, fillSeconds))
}

/** Until arrivals have taken so many pages, where they come unevenly. */
export function secondsToFill({ history }: ScrubState, pages: number): number {
  const pagesPerSecond = history.arrivalsPerSecond * arrivalMargin
  return pagesPerSecond === 0 ? Number.POSITIVE_INFINITY : pages / pagesPerSecond
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
  streams: Streams,
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
