// Lets a frequent event through at most once per interval; the last one is never lost.

export class Throttle {
  #lastAt = Number.NEGATIVE_INFINITY
  #timer: NodeJS.Timeout | undefined
  #isStopped = false
  readonly #intervalMs: number
  readonly #act: () => void

  constructor(intervalMs: number, act: () => void) {
    this.#intervalMs = intervalMs
    this.#act = act
  }

  /** Acts now, or when the interval since the last act is over. */
  request(): void {
    if (this.#timer || this.#isStopped) return
    const wait = this.#lastAt + this.#intervalMs - performance.now()
    if (wait <= 0) this.#fire()
    else this.#timer = setTimeout(() => this.#fire(), wait)
  }

  /** For good: a host or task that has gone is not told of again. */
  stop(): void {
    this.#isStopped = true
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #fire(): void {
    this.#timer = undefined
    this.#lastAt = performance.now()
    this.#act()
  }
}
