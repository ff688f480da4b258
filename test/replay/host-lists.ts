// The kernel's lists of cached pages: an inactive one that pages enter, an active one for what is read again, and the
// memory of what was taken (mm/workingset.c): a page that comes back soon goes to the active list at once.
import { LruPages } from './lru-pages.ts'

export class HostLists {
  readonly capacity: number
  readonly #inactive: LruPages
  readonly #active: LruPages
  /** Of pages that were taken: how many had been taken before them, and 1; 0: it was not taken. */
  readonly #takenAt: Float64Array
  #taken = 0
  readonly #hasActive: boolean

  /** Without an active list all is one list, least recently used. */
  constructor(pages: number, capacity: number, hasActive: boolean) {
    this.capacity = capacity
    this.#inactive = new LruPages(pages, capacity)
    this.#active = new LruPages(pages, capacity)
    this.#takenAt = new Float64Array(pages)
    this.#hasActive = hasActive
  }

  get size(): number {
    return this.#inactive.size + this.#active.size
  }

  has(page: number): boolean {
    return this.#inactive.has(page) || this.#active.has(page)
  }

  add(page: number): void {
    const takenAt = this.#takenAt[page] ?? 0
    const isRefault = takenAt > 0 && this.#taken - takenAt <= this.#active.size
    this.#takenAt[page] = 0
    if (this.#hasActive && isRefault) this.#active.add(page)
    else this.#inactive.add(page)
  }

  /** A page that is read again. */
  touch(page: number): void {
    if (this.#active.has(page)) this.#active.touch(page)
    else if (!this.#hasActive) this.#inactive.touch(page)
    else {
      this.#inactive.remove(page)
      this.#active.add(page)
    }
  }

  /** The kernel takes a page, and remembers it. Returns which. */
  take(): number {
    // Of both lists the longer one gives, as for file pages below a gigabyte.
    while (this.#active.size > this.#inactive.size) {
      const page = this.#active.oldest()
      this.#active.remove(page)
      this.#inactive.add(page)
    }
    const victim = this.#inactive.oldest()
    this.#inactive.remove(victim)
    this.#taken += 1
    this.#takenAt[victim] = this.#taken
    return victim
  }

  /** A policy evicts a page: the kernel remembers it likewise. */
  remove(page: number): void {
    const list = this.#active.has(page) ? this.#active : this.#inactive
    list.remove(page)
    this.#taken += 1
    this.#takenAt[page] = this.#taken
  }
}
