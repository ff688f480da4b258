// Scrubs one window of an image: classify, evict, measure again.

import { heldBy } from '../identical-pages/records/vouchers.ts'
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

export interface WindowScrub {
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

const states = new Uint8Array(windowPages)
const residency = new Uint8Array(windowPages)

/** `image`: its index. Adds what it found and did to `tally`. Returns the pages that were resident. */
export function scrubWindow(
  open: OpenImage,
  window: ByteRange,
  scrub: WindowScrub,
  image: number,
  tally: ScrubTally,
): number {
  const { fd } = open
  const before = measureWindow(fd, window, residency)
  if (before === 0) return 0
  // Shows whether the kernel counts here, also where nothing is to go.
  open.counts.countPages(window)
  if (scrub.flushDirty && !scrub.dryRun && countUnwritten(open, window) !== 0) syncFileRange(fd, window)
  tally.hashed += classify(open, window, scrub, image)
  const held = listRuns(window, heldState)
  // Dirty pages are not even offered: the advice would start their write-back.
  const evictable = joinRanges(held.flatMap((run) => findWritten(open, run)))
  tally.residentBefore += before
  // Flushed pages can go, unless it cannot be known that they are clean.
  const flushes = scrub.flushDirty && !open.counts.areRefuted
  if (scrub.dryRun) tallyPlan(held, evictable, before, flushes, tally)
  else evictRuns(open, window, held, evictable, tally)
  return before
}

function classify(open: OpenImage, window: ByteRange, scrub: WindowScrub, image: number): number {
  states.fill(absentState)
  const { hashedPages } = scrub.reader.read(open, window, (page, lower, upper) => {
    states[page] = stateOf[scrub.contents.holderOf(image, lower, upper)]
  })
  return hashedPages
}

/** A plan takes for granted that every clean page goes; large folios that straddle a run's end will not. */
function tallyPlan(
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
  tally.keptUnique += countPages((page) => states[page] === uniqueState)
  tally.heldByOthers += countPages((page) => states[page] === heldByOthersState)
}

function evictRuns(
  open: OpenImage,
  window: ByteRange,
  held: readonly ByteRange[],
  evictable: readonly ByteRange[],
  tally: ScrubTally,
): void {
  for (const run of evictable) adviseDontNeed(open.fd, run)
  tally.residentAfter += measureWindow(open.fd, window, residency)
  const isResident = (page: number) => ((residency[page] ?? 0) & 1) === 1
  tally.evicted += countPages((page) => states[page] === heldState && !isResident(page))
  tally.keptUnique += countPages((page) => states[page] === uniqueState && isResident(page))
  tally.heldByOthers += countPages((page) => states[page] === heldByOthersState && isResident(page))
  tally.keptDirty += countKeptDirty(open, window, held, isResident)
}

/** Held pages that are dirty now; where the kernel does not tell, those that did not go. */
function countKeptDirty(
  open: OpenImage,
  window: ByteRange,
  held: readonly ByteRange[],
  isResident: (page: number) => boolean,
): number {
  let dirty = 0
  for (const run of held) {
    const counted = countUnwritten(open, run)
    if (counted === undefined) return countPages((page) => states[page] === heldState && isResident(page))
    dirty += counted
  }
  return Math.min(dirty, window.length / pageSize)
}

function listRuns(window: ByteRange, state: number): ByteRange[] {
  const runs: ByteRange[] = []
  const pages = window.length / pageSize
  let first = -1
  for (let page = 0; page <= pages; page += 1) {
    const isIn = page < pages && states[page] === state
    if (isIn && first < 0) first = page
    if (isIn || first < 0) continue
    runs.push({ start: window.start + first * pageSize, length: (page - first) * pageSize })
    first = -1
  }
  return runs
}

function countPages(matches: (page: number) => boolean): number {
  let count = 0
  for (let page = 0; page < windowPages; page += 1) if (matches(page)) count += 1
  return count
}

function pagesOf(runs: readonly ByteRange[]): number {
  return runs.reduce((sum, run) => sum + run.length, 0) / pageSize
}
