// A least-recently-used set of page numbers on typed arrays: every operation takes constant time, none allocates.

export class LruPages {
  readonly capacity: number
  size = 0
  readonly #newer: Int32Array
  readonly #older: Int32Array
  readonly #present: Uint8Array
  /** The slot behind the pages: newer[end] is the oldest page, older[end] the newest. */
  readonly #end: number

  constructor(pages: number, capacity: number) {
    this.capacity = capacity
    this.#newer = new Int32Array(pages + 1).fill(-1)
    this.#older = new Int32Array(pages + 1).fill(-1)
    this.#present = new Uint8Array(pages)
    this.#end = pages
    this.#newer[pages] = pages
    this.#older[pages] = pages
  }

  has(page: number): boolean {
    return this.#present[page] === 1
  }

  /** Adds a page that is not present, as the newest; the caller keeps within the capacity. */
  add(page: number): void {
    this.#present[page] = 1
    this.size += 1
    this.#link(page, this.#older[this.#end] as number, this.#end)
  }

  /** Makes a present page the newest. */
  touch(page: number): void {
    this.#unlink(page)
    this.#link(page, this.#older[this.#end] as number, this.#end)
  }

  /** Makes a present page the oldest: the first to go. */
  chill(page: number): void {
    this.#unlink(page)
    this.#link(page, this.#end, this.#newer[this.#end] as number)
  }

  remove(page: number): void {
    this.#unlink(page)
    this.#present[page] = 0
    this.size -= 1
  }

  /** The page to go next, or -1. */
  oldest(): number {
    return this.size === 0 ? -1 : (this.#newer[this.#end] as number)
  }

  #link(page: number, below: number, above: number): void {
    this.#older[page] = below
    this.#newer[page] = above
    this.#newer[below] = page
    this.#older[above] = page
  }

  #unlink(page: number): void {
    const below = this.#older[page] as number
    const above = this.#newer[page] as number
    this.#newer[below] = above
    this.#older[above] = below
  }
}
