// Keeps a fleet from connecting all at once: at most so many hosts are in the middle of it.

export class ConnectingSlots {
  #free: number
  readonly #waiting: (() => void)[] = []

  constructor(slots: number) {
    this.#free = slots
  }

  /** Resolves when a slot is taken; rejects with the signal's reason. */
  async takeSlot(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (this.#free > 0) {
      this.#free -= 1
      return
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const giveUp = () => {
      this.#waiting.splice(this.#waiting.indexOf(resolve), 1)
      reject(signal.reason)
    }
    this.#waiting.push(resolve)
    signal.addEventListener('abort', giveUp, { once: true })
    await promise.finally(() => signal.removeEventListener('abort', giveUp))
  }

  release(): void {
    const next = this.#waiting.shift()
    if (next) next()
    else this.#free += 1
  }

  /** Runs `work` in a slot. `outside` gives the slot up for a while: for a question to a person. */
  async run<T>(
    signal: AbortSignal,
    work: (outside: <U>(pause: () => Promise<U>) => Promise<U>) => Promise<T>,
  ): Promise<T> {
    await this.takeSlot(signal)
    let held = true
    const outside = async <U>(pause: () => Promise<U>): Promise<U> => {
      held = false
      this.release()
      const value = await pause()
      await this.takeSlot(signal)
      held = true
      return value
    }
    try {
      return await work(outside)
    } finally {
      if (held) this.release()
    }
  }
}
