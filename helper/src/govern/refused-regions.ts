// Regions whose pages did not go when they were evicted: locked, mapped by another process, or part of a folio that
// stays. Asking again each round would cost and bring nothing.

const firstSeconds = 30
const longestSeconds = 600

interface Refusal {
  readonly untilSeconds: number
  readonly seconds: number
}

export class RefusedRegions {
  readonly #refusals = new Map<number, Refusal>()

  isLeftAlone(region: number, nowSeconds: number): boolean {
    return nowSeconds < (this.#refusals.get(region)?.untilSeconds ?? Number.NEGATIVE_INFINITY)
  }

  /** After pages of a region were offered for eviction: left alone for twice as long each time that none goes. */
  noteEviction(region: number, evictedPages: number, nowSeconds: number): void {
    if (evictedPages > 0) {
      this.#refusals.delete(region)
      return
    }
    const before = this.#refusals.get(region)?.seconds
    const seconds = before === undefined ? firstSeconds : Math.min(longestSeconds, 2 * before)
    this.#refusals.set(region, { untilSeconds: nowSeconds + seconds, seconds })
  }
}
