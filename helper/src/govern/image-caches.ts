// The page caches of all images, as looked at again and again: residency by region, holders, evictions.
import { setImmediate } from 'node:timers/promises'
import type { Image } from '../images/image.ts'
import type { ByteRange } from '../kernel/byte-range.ts'
import type { CacheStat } from '../kernel/cachestat.ts'
import { adviseWillNeed } from '../kernel/file-advice.ts'
import { pageSize } from '../kernel/page-size.ts'
import { systemProblem } from '../kernel/system-error.ts'
import { joinRanges } from '../page-cache/dirty.ts'
import { evictPages, evictRun } from '../page-cache/evict-pages.ts'
import { measureWindow } from '../page-cache/image-window.ts'
import { endOfImage, listWindows, type OpenImage, withOpenImage } from '../page-cache/open-image.ts'
import type { Evict } from '../policies/scrub-action.ts'
import type { ImageObservation, RegionObservation } from '../policies/scrub-observation.ts'
import type { EvictedImage } from './governed-host.ts'
import { ImagePages, type LookOptions } from './image-pages.ts'
import { RefusedRegions } from './refused-regions.ts'

/** Pages of a region: 2 MiB. A window holds a whole number of regions. */
export const regionPages = 512

export interface CachedImage {
  readonly image: Image
  /** By which policies know it: its path, made unique where two mount namespaces use the same one. */
  readonly path: string
  readonly pages: ImagePages
  readonly refused: RefusedRegions
  /** What the last look saw; absent: nothing that still holds. */
  last?: RegionObservation[]
  /** The same as a look would see it that finds nothing new; made when it is asked for. */
  still?: RegionObservation[]
}

/** What keeps policies from an image. */
export type ImageGuards = Pick<ImageObservation, 'foreignWriter' | 'excluded' | 'floorBytes'>

export class ImageCaches {
  #known = new Map<string, CachedImage>()
  #isGone = false
  readonly #report: (line: string) => void

  /** `report` gets images that cannot be opened; one that has gone is no news. */
  constructor(report: (line: string) => void) {
    this.#report = report
  }

  /** Keeps what is remembered of images that are still there. Images that bypass the page cache are left out. */
  follow(images: readonly Image[]): void {
    const next = new Map<string, CachedImage>()
    for (const image of images) {
      if (image.notApplicable !== undefined) continue
      const path = image.label
      const known = this.#known.get(image.id)
      const pages = known?.pages ?? new ImagePages(regionPages)
      next.set(image.id, { image, path, pages, refused: known?.refused ?? new RefusedRegions() })
    }
    this.#known = next
  }

  /** Whether an image had gone since the last call: images are to be listed again, as its guest may have another now. */
  takeGone(): boolean {
    const isGone = this.#isGone
    this.#isGone = false
    return isGone
  }

  list(): readonly CachedImage[] {
    return [...this.#known.values()]
  }

  /** Images not in `only` are shown as they were at the last look, as if nothing had arrived since. */
  async observeImages(
    options: LookOptions,
    guardsOf: (image: Image) => ImageGuards,
    only?: ReadonlySet<string>,
  ): Promise<ImageObservation[]> {
    const seen: ImageObservation[] = []
    for (const cached of this.#known.values()) {
      const skipped = only !== undefined && !only.has(cached.path)
      const regions = (skipped ? stillOf(cached) : undefined) ?? (await this.#lookAt(cached, options))
      if (regions === undefined) continue
      const { image, path } = cached
      seen.push({ path, guests: image.guests.length, ...guardsOf(image), regions })
    }
    return seen
  }

  async #lookAt(cached: CachedImage, options: LookOptions): Promise<RegionObservation[] | undefined> {
    const regions = await this.attempt(cached, 'look at', (open) => lookAtRegions(open, cached, options))
    delete cached.still
    if (regions === undefined) delete cached.last
    else cached.last = regions
    return regions
  }

  async evict(actions: readonly Evict[], nowSeconds: number): Promise<EvictedImage[]> {
    const evicted: EvictedImage[] = []
    for (const cached of this.#known.values()) {
      const mine = actions.filter(({ image }) => image === cached.path)
      if (mine.length === 0) continue
      delete cached.last
      delete cached.still
      const evictedPages = await this.attempt(cached, 'evict from', (open) =>
        evictRegions(open, cached, mine, nowSeconds),
      )
      if (evictedPages !== undefined) evicted.push({ path: cached.path, id: cached.image.id, evictedPages })
    }
    return evicted
  }

  /** Has the last evicted pages read again, at most `most` of them; returns how many were asked for. */
  async readBack(options: LookOptions, most: number): Promise<number> {
    let asked = 0
    for (const cached of this.#known.values()) {
      const pages = cached.pages.takeEvicted(options, most - asked)
      if (pages.length === 0) continue
      asked += pages.length
      const runs = joinRanges(pages.map((page) => ({ start: page * pageSize, length: pageSize })))
      await this.attempt(cached, 'read back', (open) => {
        for (const run of runs) adviseWillNeed(open.fd, run)
      })
    }
    return asked
  }

  /** undefined: the image has gone, or the failure was reported. */
  async attempt<T>(
    cached: CachedImage,
    doing: string,
    work: (open: OpenImage) => Promise<T> | T,
  ): Promise<T | undefined> {
    try {
      return await withOpenImage(cached.image, async (open) => work(open))
    } catch (error) {
      const problem = systemProblem(error, `${doing} image ${cached.path}`)
      if (problem.code === 'cancelled') throw error
      if (problem.code === 'gone' || problem.code === 'not-found') this.#isGone = true
      else this.#report(problem.message)
      return undefined
    }
  }
}

function stillOf(cached: CachedImage): RegionObservation[] | undefined {
  if (cached.last === undefined) return undefined
  const nothingNew = { arrivedPages: 0, sequentialPages: 0, shortRuns: 0, returnedPages: 0 }
  cached.still ??= cached.last.map((region) => ({ ...region, ...nothingNew }))
  return cached.still
}

const nothing = new Uint8Array(regionPages)
/** Of an image that says that it has terabytes, so that signals and other work are not held up. */
const windowsBetweenPauses = 64
/** A region of which the kernel's counts stand still is taken as unchanged for so long. */
const trustCountsSeconds = 5

/**
 * Counting (cachestat) costs a tenth of looking at every page (mincore), so pages are looked at only where counts
 * have changed. A page that left while another one came back keeps them: found at the next look after
 * `trustCountsSeconds`.
 */
async function lookAtRegions(
  open: OpenImage,
  cached: CachedImage,
  options: LookOptions,
): Promise<RegionObservation[]> {
  const seen: RegionObservation[] = []
  const looked = new Set<number>()
  const residency = new Uint8Array(regionPages)
  let windows = 0
  for (const window of listWindows(open)) {
    windows += 1
    if (windows % windowsBetweenPauses === 0) await setImmediate()
    const ranges = listRegions(window)
    const isNew = !ranges.some((range) => cached.pages.isKnown(indexOf(range)))
    // Most of a large image: one count instead of one for each region.
    if (isNew && open.counts.countPages(window)?.cachedPages === 0) continue
    for (const range of ranges) {
      const index = indexOf(range)
      const counts = open.counts.countPages(range)
      if (counts?.cachedPages === 0) continue
      looked.add(index)
      const region =
        (counts && cached.pages.unchanged(index, counts, options.nowSeconds - trustCountsSeconds)) ??
        cached.pages.observeRegion(index, readResidency(open.fd, range, residency), options, counts)
      if (region === undefined) continue
      if (cached.refused.isLeftAlone(index, options.nowSeconds)) {
        // As good as dirty: it does not go.
        seen.push({ index, ...region, dirtyPages: region.residentPages })
        continue
      }
      seen.push({ index, ...region, ...dirtyWithin(region.residentPages, counts && unwritten(counts)) })
    }
  }
  for (const index of [...cached.pages.knownRegions])
    if (!looked.has(index)) cached.pages.observeRegion(index, nothing, options)
  return seen
}

/** Fills `residency` anew, and returns it. */
function readResidency(fd: number, range: ByteRange, residency: Uint8Array): Uint8Array {
  residency.fill(0)
  measureWindow(fd, range, residency)
  return residency
}

const unwritten = (counts: CacheStat) => counts.dirtyPages + counts.writebackPages

const indexOf = (region: ByteRange) => region.start / pageSize / regionPages

function listRegions(window: ByteRange): ByteRange[] {
  const ranges: ByteRange[] = []
  for (let at = 0; at < window.length; at += regionPages * pageSize)
    ranges.push({
      start: window.start + at,
      length: Math.min(regionPages * pageSize, window.length - at),
    })
  return ranges
}

/** Counted a moment after the residency: pages that came in between are left to the next look. */
function dirtyWithin(residentPages: number, dirtyPages: number | undefined) {
  return dirtyPages === undefined ? {} : { dirtyPages: Math.min(dirtyPages, residentPages) }
}

function regionRange(index: number, within: ByteRange): ByteRange {
  const start = index * regionPages * pageSize
  return { start, length: Math.min(regionPages * pageSize, within.start + within.length - start) }
}

function evictRegions(
  open: OpenImage,
  { pages, refused }: CachedImage,
  actions: readonly Evict[],
  nowSeconds: number,
): number {
  const whole = { start: 0, length: endOfImage(open) }
  const pagesThere = (region: number) => pagesOfRegion(region, whole.length)
  // An image that was truncated since has fewer regions.
  const there = actions.filter(
    ({ region }) => regionRange(region, whole).length > 0 && !refused.isLeftAlone(region, nowSeconds),
  )
  const residency = new Uint8Array(regionPages)
  let evicted = 0
  const wholes = new Set(there.filter((action) => takesAll(action, pages)))
  for (const run of joinRanges([...wholes].map(({ region }) => regionRange(region, whole))))
    evictRun(open, run)
  for (const { region } of wholes) {
    const left = whatIsLeft(open, regionRange(region, whole), residency)
    const gone = pages.noteEvicted(region, left, nowSeconds, pagesThere(region))
    if (gone > 0 || isAnyResident(left)) refused.noteEviction(region, gone, nowSeconds)
    evicted += gone
  }
  for (const action of there) {
    if (wholes.has(action)) continue
    const { region, take, pages: limit, flush } = action
    const choose = (page: number) => take === 'clean' || pages.isHeld(region, page, take === 'held-by-all')
    residency.fill(0)
    evictPages(open, regionRange(region, whole), { choose, limit, flush }, residency)
    const gone = pages.noteEvicted(region, residency, nowSeconds, pagesThere(region))
    // Where nothing was there to go, nothing has stayed.
    if (gone > 0 || isAnyResident(residency, choose)) refused.noteEviction(region, gone, nowSeconds)
    evicted += gone
  }
  return evicted
}

/** Of a region: what lies behind the end of a truncated image has gone, but was not evicted. */
function pagesOfRegion(region: number, endBytes: number): number {
  return Math.max(0, Math.min(regionPages, endBytes / pageSize - region * regionPages))
}

/** Nothing to choose from: neighbours go in one call, which is most of what a stream costs. */
function takesAll(action: Evict, pages: ImagePages): boolean {
  return action.take === 'clean' && !action.flush && action.pages >= pages.countResident(action.region)
}

/** `residency` is filled anew where a look at the pages is needed. */
function whatIsLeft(open: OpenImage, range: ByteRange, residency: Uint8Array): Uint8Array {
  return open.counts.countPages(range)?.cachedPages === 0 ? nothing : readResidency(open.fd, range, residency)
}

function isAnyResident(residency: Uint8Array, isMeant: (page: number) => boolean = () => true): boolean {
  return residency.some((byte, page) => (byte & 1) === 1 && isMeant(page))
}
