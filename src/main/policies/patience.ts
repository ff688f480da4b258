// How long hosts have been waited for, on a clock that only goes forward.

export class Patience {
  readonly #nowMs: () => number
  readonly #patienceMs: number
  readonly #sinceMs = new Map<string, number>()

  constructor(nowMs: () => number, patienceMs: number) {
    this.#nowMs = nowMs
    this.#patienceMs = patienceMs
  }

  /** Whether the host has been waited for longer than that; the first question begins the wait. */
  isOver(hostId: string): boolean {
    const since = this.#sinceMs.get(hostId) ?? this.#nowMs()
    this.#sinceMs.set(hostId, since)
    return this.#nowMs() - since > this.#patienceMs
  }

  /** The host has come. */
  end(hostId: string): void {
    this.#sinceMs.delete(hostId)
  }
}
