// Scrubs an image window by window: classify, evict, measure again.
import { heldBy } from '../identical-pages/records/holders.ts'
import type { ByteRange } from '../kernel/byte-range.ts'
import { adviseDontNeed, syncFileRange } from '../kernel/file-advice.ts'
import { pageSize } from '../kernel/page-size.ts'
import { countUnwritten, findWritten, joinRanges } from './dirty.ts'
import type { GuestContents } from './guest-contents.ts'
import type { ImageReader } from './image-reader.ts'
import { measureWindow, windowPages } from './image-window.ts'
import type { OpenImage } from './open-image.ts'

/** Counts in pages. */
export interface ScrubTally {
  residentBefore: number
  residentAfter: number
  evicted: number
  keptDirty: number
  keptUnique: number
  heldByOthers: number
  hashed: number
}

/** All in pages. */
export function emptyTally(): ScrubTally {
  return {
    residentBefore: 0,
    residentAfter: 0,
    evicted: 0,
    keptDirty: 0,
    keptUnique: 0,
    heldByOthers: 0,
    hashed: 0,
  }
}

export interface ScrubSettings {
  readonly dryRun: boolean
  readonly flushDirty: boolean
  readonly contents: Pick<GuestContents, 'holderOf'>
  readonly reader: ImageReader
}

const absentState = 0
const uniqueState = 1
const heldState = 2
/** By guests that do not vouch for the image. */
const heldByOthersState = 3
const stateOf = {
  [heldBy.nobody]: uniqueState,
  [heldBy.others]: heldByOthersState,
  [heldBy.opener]: heldState,
  [heldBy.allOpeners]: heldState,
}

/** Scrubs the windows of images one after the other. It owns what is known of each page of the window at hand. */
export class WindowScrubber {
  readonly #scrub: ScrubSettings
  readonly #states = new Uint8Array(windowPages)
  /** One byte a page, lowest bit. */
  readonly #residency = new Uint8Array(windowPages)

  constructor(scrub: ScrubSettings) {
    this.#scrub = scrub
  }

  /**
   * Evicts the clean pages of a window that a guest holds which vouches for the image, given by its index; with `dryRun`
   * only says which. Adds what it found and did to `tally`. Returns the pages that were resident. Needs root, as the
   * image is its guest's. Source: mincore(2), posix_fadvise(2), sync_file_range(2).
   */
  scrubWindow(open: OpenImage, window: ByteRange, image: number, tally: ScrubTally): number {
    const { dryRun, flushDirty } = this.#scrub
    const before = measureWindow(open.fd, window, this.#residency)
    if (before === 0) return 0
    // Shows whether the kernel counts here, also where nothing is to go.
    open.counts.countPages(window)
    if (flushDirty && !dryRun && countUnwritten(open, window) !== 0) syncFileRange(open.fd, window)
    tally.hashed += this.#classify(open, window, image)
    const held = this.#listHeld(window)
    // Dirty pages are not even offered: the advice would start their write-back.
    const evictable = joinRanges(held.flatMap((run) => findWritten(open, run)))
    tally.residentBefore += before
    // Flushed pages can go, unless it cannot be known that they are clean.
    const flushes = flushDirty && !open.counts.areRefuted
    if (dryRun) this.#tallyPlan(held, evictable, before, flushes, tally)
    else this.#evictRuns(open, window, held, evictable, tally)
    return before
  }

  #classify(open: OpenImage, window: ByteRange, image: number): number {
    const { contents, reader } = this.#scrub
    const states = this.#states
    states.fill(absentState)
    const { hashedPages } = reader.readWindow(open, window, (page, lower, upper) => {
      states[page] = stateOf[contents.holderOf(image, lower, upper)]
    })
    return hashedPages
  }

  #listHeld(window: ByteRange): ByteRange[] {
    const runs: ByteRange[] = []
    const pages = window.length / pageSize
    let first = -1
    for (let page = 0; page <= pages; page += 1) {
      const isIn = page < pages && this.#states[page] === heldState
      if (isIn && first < 0) first = page
      if (isIn || first < 0) continue
      runs.push({ start: window.start + first * pageSize, length: (page - first) * pageSize })
      first = -1
    }
    return runs
  }

  /** A plan takes for granted that every clean page goes; large folios that straddle a run's end will not. */
  #tallyPlan(
    held: readonly ByteRange[],
    evictable: readonly ByteRange[],
    before: number,
    flushDirty: boolean,
    tally: ScrubTally,
  ): void {
    const evicted = pagesOf(flushDirty ? held : evictable)
    tally.evicted += evicted
    tally.residentAfter += before - evicted
    tally.keptDirty += pagesOf(held) - evicted
    tally.keptUnique += this.#countPages(uniqueState)
    tally.heldByOthers += this.#countPages(heldByOthersState)
  }

  #evictRuns(
    open: OpenImage,
    window: ByteRange,
    held: readonly ByteRange[],
    evictable: readonly ByteRange[],
    tally: ScrubTally,
  ): void {
    for (const run of evictable) adviseDontNeed(open.fd, run)
    tally.residentAfter += measureWindow(open.fd, window, this.#residency)
    tally.evicted += this.#countPages(heldState) - this.#countResident(heldState)
    tally.keptUnique += this.#countResident(uniqueState)
    tally.heldByOthers += this.#countResident(heldByOthersState)
    tally.keptDirty += this.#countKeptDirty(open, window, held)
  }

  /** Held pages that are dirty now; where the kernel does not tell, those that did not go. */
  #countKeptDirty(open: OpenImage, window: ByteRange, held: readonly ByteRange[]): number {
    let dirty = 0
    for (const run of held) {
      const counted = countUnwritten(open, run)
      if (counted === undefined) return this.#countResident(heldState)
      dirty += counted
    }
    return Math.min(dirty, window.length / pageSize)
  }

  #countPages(state: number): number {
    let count = 0
    for (const one of this.#states) if (one === state) count += 1
    return count
  }

  #countResident(state: number): number {
    const states = this.#states
    const residency = this.#residency
    let count = 0
    for (let page = 0; page < windowPages; page += 1)
      if (states[page] === state && ((residency[page] as number) & 1) === 1) count += 1
    return count
  }
}

function pagesOf(runs: readonly ByteRange[]): number {
  return runs.reduce((sum, run) => sum + run.length, 0) / pageSize
}
