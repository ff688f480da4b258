// Acts that must not overlap: what one has read, no other changes before it has written.

/** A queue without a bound: each act has to end by its own means. */
export class InTurn {
  #last: Promise<unknown> = Promise.resolve()

  /** Runs `act` once all acts before it have ended, failed or not. */
  run<T>(act: () => Promise<T>): Promise<T> {
    const outcome = this.#last.then(act, act)
    this.#last = outcome
    return outcome
  }
}
