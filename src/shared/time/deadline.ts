// A point in time by which something has to be done, on a clock that nobody can set.

/** Monotonic. It tells the time left and interrupts nothing. */
export class Deadline {
  readonly allowedMs: number
  readonly #at: number

  constructor(allowedMs: number) {
    this.allowedMs = allowedMs
    this.#at = performance.now() + allowedMs
  }

  /** 0 once it is over. */
  get leftMs(): number {
    return Math.max(0, this.#at - performance.now())
  }

  get isOver(): boolean {
    return this.leftMs === 0
  }
}
