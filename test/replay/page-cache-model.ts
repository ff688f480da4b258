// A small model of a host: one LRU page cache with a limit, under guests with LRU caches of their own.
// It stands for the kernel in replays. An active list and readahead are a workload's choice: the older ones have neither.

import type { Evict } from '../../helper/src/policies/scrub-action.ts'
import { HostLists } from './host-lists.ts'
import { LruPages } from './lru-pages.ts'

export interface ModelImage {
  readonly path: string
  readonly pages: number
}

export interface ModelGuest {
  readonly name: string
  readonly cachePages: number
  /** Indices of the images it opens. */
  readonly images: readonly number[]
}

export interface ModelLayout {
  readonly images: readonly ModelImage[]
  readonly guests: readonly ModelGuest[]
  readonly limitPages: number
  readonly regionPages: number
  /** The kernel keeps what is read again on a list of its own. Default: one list, least recently used. */
  readonly activeList?: boolean
}

export type Outcome = 'guest-hit' | 'host-hit' | 'miss'

/** Written pages are clean after this long, as by the kernel's flusher. */
const flushAfterSeconds = 5

export class PageCacheModel {
  readonly layout: ModelLayout
  readonly host: HostLists
  /** First page of each image in the model's numbering; images start at region borders. */
  readonly starts: readonly number[]
  readonly pages: number
  /** Guests that hold a page. */
  readonly holders: Uint8Array
  readonly dirty: Uint8Array
  /** When a policy evicted the page; -Infinity: never. */
  readonly evictedAt: Float64Array
  nowSeconds = 0
  evictedPages = 0
  readonly #guests: readonly LruPages[]
  readonly #writtenAt: Float64Array
  #dirtyCount = 0

  constructor(layout: ModelLayout) {
    this.layout = layout
    const starts: number[] = []
    let next = 0
    for (const image of layout.images) {
      starts.push(next)
      next += Math.ceil(image.pages / layout.regionPages) * layout.regionPages
    }
    this.starts = starts
    this.pages = next
    this.host = new HostLists(next, layout.limitPages, layout.activeList ?? false)
    this.#guests = layout.guests.map((guest) => new LruPages(next, guest.cachePages))
    this.holders = new Uint8Array(next)
    this.dirty = new Uint8Array(next)
    this.evictedAt = new Float64Array(next).fill(Number.NEGATIVE_INFINITY)
    this.#writtenAt = new Float64Array(next)
  }

  /** What a read would meet, without doing it. `past`: the guest's own cache is known to have missed. */
  foresee(guest: number, page: number, past: boolean): Outcome {
    if (!past && this.#guests[guest]?.has(page)) return 'guest-hit'
    return this.host.has(page) ? 'host-hit' : 'miss'
  }

  read(guest: number, page: number, past: boolean): Outcome {
    const outcome = this.foresee(guest, page, past)
    this.#holdInGuest(guest, page)
    if (outcome === 'host-hit') this.host.touch(page)
    if (outcome === 'miss') this.#fill(page)
    return outcome
  }

  /** Reads a page ahead; false: it is there already. */
  fetch(page: number): boolean {
    if (this.host.has(page)) return false
    this.#fill(page)
    return true
  }

  /** A write goes through the guest's cache to the host's, where it is dirty until flushed. */
  write(guest: number, page: number): Outcome {
    const outcome: Outcome = this.host.has(page) ? 'host-hit' : 'miss'
    this.#holdInGuest(guest, page)
    if (outcome === 'host-hit') this.host.touch(page)
    else this.#fill(page)
    if (this.dirty[page] === 0) this.#dirtyCount += 1
    this.dirty[page] = 1
    this.#writtenAt[page] = this.nowSeconds
    return outcome
  }

  advance(seconds: number): void {
    this.nowSeconds += seconds
    if (this.#dirtyCount === 0) return
    for (let page = 0; page < this.pages; page += 1) {
      if (this.dirty[page] === 1 && this.nowSeconds - (this.#writtenAt[page] as number) >= flushAfterSeconds)
        this.#clean(page)
    }
  }

  /** Carries out an action as the engine would; returns the pages it changed. */
  apply(action: Evict): number {
    const image = this.layout.images.findIndex((candidate) => candidate.path === action.image)
    if (image < 0) return 0
    const from = (this.starts[image] as number) + action.region * this.layout.regionPages
    let changed = 0
    for (let page = from; page < from + this.layout.regionPages && changed < action.pages; page += 1)
      changed += Number(this.#evict(page, action, this.openersOf(image)))
    return changed
  }

  openersOf(image: number): number {
    return this.layout.guests.filter((guest) => guest.images.includes(image)).length
  }

  #evict(page: number, action: Evict, openers: number): boolean {
    if (!this.host.has(page)) return false
    const holders = this.holders[page] as number
    if (action.take === 'double-cached' && holders === 0) return false
    if (action.take === 'held-by-all' && holders < openers) return false
    if (this.dirty[page] === 1 && !action.flush) return false
    this.#clean(page)
    this.host.remove(page)
    this.evictedAt[page] = this.nowSeconds
    this.evictedPages += 1
    return true
  }

  #fill(page: number): void {
    if (this.host.size >= this.host.capacity) {
      this.#clean(this.host.take())
    }
    this.host.add(page)
  }

  #clean(page: number): void {
    if (this.dirty[page] === 1) this.#dirtyCount -= 1
    this.dirty[page] = 0
  }

  #holdInGuest(guest: number, page: number): void {
    const cache = this.#guests[guest]
    if (cache === undefined || cache.capacity === 0) return
    if (cache.has(page)) {
      cache.touch(page)
      return
    }
    if (cache.size >= cache.capacity) {
      const victim = cache.oldest()
      cache.remove(victim)
      this.holders[victim] = (this.holders[victim] as number) - 1
    }
    cache.add(page)
    this.holders[page] = (this.holders[page] as number) + 1
  }
}
