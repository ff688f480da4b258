// What evicting may bring and cost, in reads of storage, from what was measured: known before anything is evicted.
//
// Brings: hits that the kernel is about to lose (asked of the host less fetched from storage), and a shadow of what the
// freed room would have hit: pages that the kernel took and a guest read again before more arrived than that room holds.
// Costs: pages that come back, each at the price that storage was seen to ask for pages of their kind.
import type { Reread, ScrubHistory } from './region-history.ts'
import type { GuestReads, ScrubObservation } from './scrub-observation.ts'

/** Rates per second, each over the last ten or so. */
export interface GuestRates {
  readonly images: readonly string[]
  /** Absent: not known how much it asks. */
  readonly askedPages?: number
  readonly fetchedPages: number
  /** Asked and not fetched, as it was while nothing was evicted. */
  readonly quietHits: number
}

export interface ScrubWorth {
  readonly atSeconds: number | undefined
  /** For so long something has been seen. */
  readonly seenSeconds: number
  readonly areGuestsKnown: boolean
  readonly guests: ReadonlyMap<string, GuestRates>
  /** By image: pages a second that the room of streams would have hit. */
  readonly shadowHits: ReadonlyMap<string, number>
  readonly storageReads: number
  readonly sequentialPages: number
  readonly shortRuns: number
  readonly shortRunPages: number
}

export const unknownWorth: ScrubWorth = {
  atSeconds: undefined,
  seenSeconds: 0,
  areGuestsKnown: false,
  guests: new Map(),
  shadowHits: new Map(),
  storageReads: 0,
  sequentialPages: 0,
  shortRuns: 0,
  shortRunPages: 0,
}

const paceSeconds = 10
/** Fewer pages a second in runs do not tell what a run costs. */
const minPricedPages = 64

export interface WorthContext {
  /** What would be free if all that streams have cached were gone. */
  readonly roomPages: number
  /** Nothing was evicted of late. */
  readonly isQuiet: boolean
}

/** Pure. */
export function followWorth(
  worth: ScrubWorth,
  history: ScrubHistory,
  observation: ScrubObservation,
  { roomPages, isQuiet }: WorthContext,
): ScrubWorth {
  const elapsed = worth.atSeconds === undefined ? 0 : observation.atSeconds - worth.atSeconds
  const { atSeconds } = observation
  // What is there at the first look has not just arrived.
  if (elapsed <= 0) return { ...worth, atSeconds }
  // In the beginning the mean of all that was seen, then over the last seconds.
  const keep = Math.min(Math.exp(-elapsed / paceSeconds), worth.seenSeconds / (worth.seenSeconds + elapsed))
  const smooth = (before: number, since: number) => before * keep + (since / elapsed) * (1 - keep)
  const arrivals = arrivalsOf(observation)
  const { storageReads, guests } = observation
  return {
    atSeconds,
    seenSeconds: worth.seenSeconds + elapsed,
    areGuestsKnown: guests !== undefined && guests.length > 0,
    guests:
      guests === undefined ? worth.guests : followGuestRates(worth, observation, guests, { smooth, isQuiet }),
    shadowHits: followShadow(worth, history.rereads, roomPages, smooth),
    storageReads: storageReads === undefined ? worth.storageReads : smooth(worth.storageReads, storageReads),
    sequentialPages: smooth(worth.sequentialPages, arrivals.sequentialPages),
    shortRuns: smooth(worth.shortRuns, arrivals.shortRuns),
    shortRunPages: smooth(worth.shortRunPages, arrivals.shortRunPages),
  }
}

type Smooth = (before: number, since: number) => number

function followGuestRates(
  worth: ScrubWorth,
  { pageBytes }: ScrubObservation,
  guests: readonly GuestReads[],
  { smooth, isQuiet }: { readonly smooth: Smooth; readonly isQuiet: boolean },
): ReadonlyMap<string, GuestRates> {
  return new Map(
    guests.map(({ name, images, askedBytes, fetchedBytes }) => {
      const before = worth.guests.get(name)
      const fetchedPages = smooth(before?.fetchedPages ?? 0, fetchedBytes / pageBytes)
      const quietHits = before?.quietHits ?? 0
      if (askedBytes === undefined) return [name, { images, fetchedPages, quietHits }]
      const askedPages = smooth(before?.askedPages ?? 0, askedBytes / pageBytes)
      const hits = Math.max(0, askedPages - fetchedPages)
      return [name, { images, askedPages, fetchedPages, quietHits: isQuiet ? hits : quietHits }]
    }),
  )
}

function followShadow(
  worth: ScrubWorth,
  rereads: readonly Reread[],
  roomPages: number,
  smooth: Smooth,
): ReadonlyMap<string, number> {
  const hits = new Map<string, number>()
  for (const { image, pages, distancePages } of rereads)
    if (distancePages <= roomPages) hits.set(image, (hits.get(image) ?? 0) + pages)
  const images = new Set([...worth.shadowHits.keys(), ...hits.keys()])
  return new Map(
    [...images].map((image) => [image, smooth(worth.shadowHits.get(image) ?? 0, hits.get(image) ?? 0)]),
  )
}

function arrivalsOf({ images }: ScrubObservation) {
  const sums = { sequentialPages: 0, shortRuns: 0, shortRunPages: 0 }
  for (const { regions } of images)
    for (const { arrivedPages, sequentialPages, shortRuns } of regions) {
      sums.sequentialPages += sequentialPages
      sums.shortRunPages += arrivedPages - sequentialPages
      sums.shortRuns += shortRuns ?? arrivedPages - sequentialPages
    }
  return sums
}

/**
 * How many reads of storage a page costs that comes in a run, against 1 for a run of its own: measured where enough came.
 * A run may have been read in many small reads, as an archive of small files is; other users of the disk make it cost more.
 */
export function priceOfRuns(worth: ScrubWorth, assumed: number): number {
  const { storageReads, sequentialPages, shortRuns } = worth
  if (storageReads === 0 || sequentialPages < minPricedPages) return assumed
  return Math.min(1, Math.max(0, storageReads - shortRuns) / sequentialPages)
}

/** Reads of storage for a page that does not come in a run. */
function priceOfOthers({ shortRuns, shortRunPages }: ScrubWorth): number {
  return shortRunPages < 1 ? 1 : Math.min(1, shortRuns / shortRunPages)
}

export interface Balance {
  /** Reads of storage a second that evicting the streams would save. */
  readonly savedReads: number
  /** That it would cause, at most: hits that the streams' own guests had while nothing was evicted. */
  readonly causedReads: number
  readonly storageReads: number
  /** Reads of guests of which too little has come yet to tell whether more room would have saved them. */
  readonly untoldReads: number
  /** Of some guest it is not known what it asks. */
  readonly isPartial: boolean
}

export interface FoundStreams {
  readonly images: ReadonlySet<string>
  /** What they have cached. */
  readonly roomPages: number
  readonly runPrice: number
}

/** What evicting streams would bring. `arrivedPages` by image, since the beginning. Pure. */
export function balanceOf(
  worth: ScrubWorth,
  arrivedPages: ReadonlyMap<string, number>,
  { images, roomPages, runPrice }: FoundStreams,
): Balance {
  const otherPrice = priceOfOthers(worth)
  let [savedReads, causedReads, untoldReads, isPartial] = [0, 0, 0, !worth.areGuestsKnown]
  // It has to go, and to come back before as much has arrived again.
  const isUntold = (image: string) => (arrivedPages.get(image) ?? 0) < 2 * roomPages
  for (const { images: opened, askedPages, fetchedPages, quietHits } of worth.guests.values()) {
    const isStream = opened.some((image) => images.has(image))
    if (!isStream && opened.some(isUntold)) untoldReads += fetchedPages * otherPrice
    if (askedPages === undefined) {
      isPartial = true
      continue
    }
    if (isStream) causedReads += quietHits * runPrice
    else savedReads += Math.max(0, askedPages - fetchedPages) * otherPrice
  }
  for (const [image, pages] of worth.shadowHits) if (!images.has(image)) savedReads += pages * otherPrice
  return { savedReads, causedReads, untoldReads, isPartial, storageReads: worth.storageReads }
}

/**
 * A sentence: what evicting `pages` of a cache of `cachePages` is likely to cost where a mode takes them for memory's
 * sake. At most: as if each page that goes would have been hit as often as any other.
 */
export function describeCost(worth: ScrubWorth, pages: number, cachePages: number): string {
  if (!worth.areGuestsKnown) return 'what this costs is not known yet: guests have to be seen reading first'
  let [hits, isPartial] = [0, false]
  for (const { askedPages, fetchedPages } of worth.guests.values()) {
    if (askedPages === undefined) isPartial = true
    else hits += Math.max(0, askedPages - fetchedPages)
  }
  const share = cachePages === 0 ? 0 : Math.min(1, pages / cachePages)
  const reads = hits * share * priceOfOthers(worth)
  const now = `${worth.storageReads.toFixed(1)} reads/s now`
  const unknown = isPartial ? '; of some guests it is not known what they ask' : ''
  return `likely to cost up to ${reads.toFixed(1)} reads/s of storage (${now}), and guests that time${unknown}`
}
