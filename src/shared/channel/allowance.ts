// How much of what another side sends is taken: so much at once, and so much more as time goes by.

export class Allowance {
  readonly #most: number
  readonly #perSecond: number
  readonly #nowMs: () => number
  #left: number
  #countedMs: number

  /** `nowMs` is monotonic. */
  constructor(most: number, perSecond: number, nowMs: () => number = () => performance.now()) {
    this.#most = most
    this.#perSecond = perSecond
    this.#nowMs = nowMs
    this.#left = most
    this.#countedMs = nowMs()
  }

  /** False, and nothing is spent, where so much is not left. */
  spend(amount = 1): boolean {
    const now = this.#nowMs()
    this.#left = Math.min(this.#most, this.#left + ((now - this.#countedMs) / 1000) * this.#perSecond)
    this.#countedMs = now
    if (this.#left < amount) return false
    this.#left -= amount
    return true
  }
}
