// What is remembered of an image's pages from one look to the next, a byte a page, and how two looks differ.
import { type RegionObservation, sequentialRunPages } from '../policies/scrub-observation.ts'

const residentBit = 1
/** A guest held the page's content at the last measurement, or every guest that opens the image did. */
const heldBit = 2
const heldByAllBit = 4
/** Compared with guests' contents since the last look. */
const comparedBit = 8
/** The same three of a measurement that goes on: looks in the meantime show what the one before it found. */
const nextShift = 3
const nextBits = (heldBit | heldByAllBit | comparedBit) << nextShift

interface RegionPages {
  readonly states: Uint8Array
  /** When a policy evicted a page; 0: it did not, or the page has come back. Absent: it evicted none. */
  evictedAt?: Float64Array
  /** What the kernel counted at the last look, and what that saw; absent: to be looked at again. */
  last?: { readonly atSeconds: number; readonly counts: PageCounts; readonly seen: SeenRegion }
}

/** Of a region, by cachestat(2). `evictedPages` are those of which the kernel remembers that it took them. */
export interface PageCounts {
  readonly cachedPages: number
  readonly evictedPages: number
}

export interface LookOptions {
  readonly nowSeconds: number
  readonly regretWindowSeconds: number
}

export type SeenRegion = Omit<RegionObservation, 'index' | 'dirtyPages'>

export class ImagePages {
  readonly #regionPages: number
  readonly #regions = new Map<number, RegionPages>()
  #compared = false

  constructor(regionPages: number) {
    this.#regionPages = regionPages
  }

  get knownRegions(): Iterable<number> {
    return this.#regions.keys()
  }

  isKnown(index: number): boolean {
    return this.#regions.has(index)
  }

  /**
   * Takes the residency of a region (one byte a page, lowest bit) and says what has changed since the last look.
   * undefined: nothing is resident and nothing is remembered.
   */
  observeRegion(
    index: number,
    residency: Uint8Array,
    options: LookOptions,
    counts?: PageCounts,
  ): SeenRegion | undefined {
    const region = this.#regions.get(index)
    if (region === undefined && !residency.some((byte) => (byte & 1) === 1)) return undefined
    const known = region ?? this.#remember(index)
    const seen = compare(known, residency, options)
    if (seen.residentPages === 0 && !hasRecentEviction(known, options)) this.#regions.delete(index)
    if (counts !== undefined) known.last = { atSeconds: options.nowSeconds, counts, seen }
    if (seen.residentPages === 0 && seen.arrivedPages === 0) return undefined
    return this.#asMeasured(seen)
  }

  /** What there is to say of a region without looking at its pages; undefined: it has to be looked at. */
  unchanged(index: number, counts: PageCounts, notBeforeSeconds: number): SeenRegion | undefined {
    const last = this.#regions.get(index)?.last
    if (last === undefined || last.seen.residentPages !== counts.cachedPages) return undefined
    const isFull = counts.cachedPages === this.#regionPages
    const stands = last.atSeconds >= notBeforeSeconds && last.counts.evictedPages === counts.evictedPages
    if (!isFull && !stands) return undefined
    return this.#asMeasured({
      ...last.seen,
      arrivedPages: 0,
      sequentialPages: 0,
      shortRuns: 0,
      returnedPages: 0,
    })
  }

  countResident(index: number): number {
    const { states } = this.#regions.get(index) ?? {}
    return states?.reduce((sum, state) => sum + (state & residentBit), 0) ?? 0
  }

  #asMeasured(seen: SeenRegion): SeenRegion {
    if (this.#compared) return seen
    const { doubleCachedPages: _doubles, heldByAllPages: _all, ...unmeasured } = seen
    return unmeasured
  }

  /** A new measurement of guests' contents begins. */
  beginComparing(): void {
    for (const { states } of this.#regions.values())
      for (let page = 0; page < states.length; page += 1) states[page] = (states[page] ?? 0) & ~nextBits
  }

  /** A resident page, counted from the start of the image, was compared with what guests hold. */
  markCompared(page: number, held: boolean, heldByAll: boolean): void {
    const index = Math.floor(page / this.#regionPages)
    const { states } = this.#regions.get(index) ?? this.#remember(index)
    const at = page % this.#regionPages
    const bits = comparedBit | (held ? heldBit : 0) | (heldByAll ? heldByAllBit : 0)
    states[at] = ((states[at] ?? 0) & ~nextBits) | (bits << nextShift)
  }

  /** All of it is compared: what the last measurement found counts no more. */
  endComparing(): void {
    this.#compared = true
    for (const region of this.#regions.values()) {
      delete region.last
      const { states } = region
      for (let page = 0; page < states.length; page += 1) {
        const state = states[page] ?? 0
        states[page] = (state & residentBit) | ((state & nextBits) >> nextShift)
      }
    }
  }

  isHeld(index: number, page: number, byAll: boolean): boolean {
    const state = this.#regions.get(index)?.states[page] ?? 0
    return (state & (byAll ? heldByAllBit : heldBit)) !== 0
  }

  /**
   * After an eviction: what was resident and is no longer was evicted now, within the first `pagesThere` pages of the
   * region; behind them the image has been truncated. Returns how many were evicted.
   */
  noteEvicted(
    index: number,
    residency: Uint8Array,
    nowSeconds: number,
    pagesThere: number = this.#regionPages,
  ): number {
    const region = this.#regions.get(index)
    if (region === undefined) return 0
    delete region.last
    region.evictedAt ??= new Float64Array(this.#regionPages)
    let evicted = 0
    for (let page = 0; page < region.states.length; page += 1) {
      const wasResident = ((region.states[page] ?? 0) & residentBit) !== 0
      if (!wasResident || ((residency[page] ?? 0) & 1) === 1) continue
      region.states[page] = 0
      if (page >= pagesThere) continue
      // 0 stands for never.
      region.evictedAt[page] = Math.max(nowSeconds, Number.MIN_VALUE)
      evicted += 1
    }
    return evicted
  }

  /**
   * Pages of the image, from its start, that a policy evicted within the regret window and that have not come back;
   * at most `most`. They count as evicted no more: what is read back on purpose has not been missed.
   */
  takeEvicted({ nowSeconds, regretWindowSeconds }: LookOptions, most: number): number[] {
    const pages: number[] = []
    for (const [index, { evictedAt }] of this.#regions) {
      if (evictedAt === undefined) continue
      for (let page = 0; page < evictedAt.length && pages.length < most; page += 1) {
        const at = evictedAt[page] ?? 0
        if (at === 0 || nowSeconds - at > regretWindowSeconds) continue
        evictedAt[page] = 0
        pages.push(index * this.#regionPages + page)
      }
    }
    return pages
  }

  #remember(index: number): RegionPages {
    const region: RegionPages = { states: new Uint8Array(this.#regionPages) }
    this.#regions.set(index, region)
    return region
  }
}

function compare(known: RegionPages, residency: Uint8Array, options: LookOptions): SeenRegion {
  const seen = { residentPages: 0, arrivedPages: 0, sequentialPages: 0, shortRuns: 0, returnedPages: 0 }
  let doubles = 0
  let heldByAll = 0
  let run = 0
  for (let page = 0; page < known.states.length; page += 1) {
    const before = known.states[page] ?? 0
    const isResident = ((residency[page] ?? 0) & 1) === 1
    if (!isResident) {
      known.states[page] = 0
      run = 0
      continue
    }
    const isNew = (before & residentBit) === 0
    // A page that arrived after the measurement was not compared: what is remembered is of the one before it.
    const holders = !isNew || (before & comparedBit) !== 0 ? before & (heldBit | heldByAllBit) : 0
    known.states[page] = residentBit | holders | (before & nextBits)
    seen.residentPages += 1
    if ((holders & heldBit) !== 0) doubles += 1
    if ((holders & heldByAllBit) !== 0) heldByAll += 1
    run = isNew ? run + 1 : 0
    if (!isNew) continue
    seen.arrivedPages += 1
    if (run === 1) seen.shortRuns += 1
    if (run === sequentialRunPages) seen.shortRuns -= 1
    if (run >= sequentialRunPages) seen.sequentialPages += run === sequentialRunPages ? run : 1
    if (hasReturned(known, page, options)) seen.returnedPages += 1
  }
  return { ...seen, doubleCachedPages: doubles, heldByAllPages: heldByAll }
}

function hasReturned(known: RegionPages, page: number, options: LookOptions): boolean {
  const evictedAt = known.evictedAt?.[page] ?? 0
  if (known.evictedAt !== undefined) known.evictedAt[page] = 0
  return evictedAt > 0 && options.nowSeconds - evictedAt <= options.regretWindowSeconds
}

function hasRecentEviction(known: RegionPages, options: LookOptions): boolean {
  return (
    known.evictedAt?.some((at) => at > 0 && options.nowSeconds - at <= options.regretWindowSeconds) ?? false
  )
}
