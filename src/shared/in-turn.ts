// Acts that must not overlap: what one has read, no other changes before it has written.

export class InTurn {
  #last: Promise<unknown> = Promise.resolve()

  /** Runs `act` once all acts before it have ended, in whatever way. */
  run<T>(act: () => Promise<T>): Promise<T> {
    const outcome = this.#last.then(act, act)
    this.#last = outcome
    return outcome
  }
}
