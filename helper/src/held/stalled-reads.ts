// Which read of another process's memory does not end.
import type { ReadingState } from '../kernel/watched-read.ts'

/** Longer than any read takes: the longest walks the page tables of a guest of terabytes, and runs in the meantime. */
const maxLooks = 10

interface Waiting {
  readonly turn: number
  looks: number
}

/** Looks at all reading threads once a second. */
export class StalledReads {
  readonly #state: ReadingState
  readonly #runs: (threadId: number) => boolean
  readonly #waiting = new Map<number, Waiting>()

  /** `runs`: whether the thread is running, or could if it had a processor. Such looks do not count. */
  constructor(state: ReadingState, runs: (threadId: number) => boolean) {
    this.#state = state
    this.#runs = runs
  }

  /** The process that holds a read of this thread up. Looks are counted, so that time in which all of us stood still does not count. */
  findHolder(thread: number): number | undefined {
    const { turn, pid, threadId } = this.#state.readTurn(thread)
    const known = this.#waiting.get(thread)
    if (turn % 2 === 0) this.#waiting.delete(thread)
    else if (known?.turn !== turn) this.#waiting.set(thread, { turn, looks: 0 })
    else if (!this.#runs(threadId)) known.looks += 1
    return known?.turn === turn && known.looks >= maxLooks ? pid : undefined
  }
}
