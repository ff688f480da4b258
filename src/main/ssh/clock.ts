// A deadline that stands still while a person is being asked.
import { Problem } from '../../shared/problem.ts'
import type { Ask } from './ask.ts'

export class PatientClock {
  #timer: ReturnType<typeof setTimeout> | undefined
  #leftMs: number
  #since = 0
  readonly #expire: () => void

  constructor(milliseconds: number, expire: () => void) {
    this.#leftMs = milliseconds
    this.#expire = expire
    this.#run()
  }

  /** The same question, with the clock stopped until it is answered. */
  pausing(ask: Ask): Ask {
    return async (question, signal) => {
      this.#pause()
      try {
        return await ask(question, signal)
      } finally {
        this.#run()
      }
    }
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#leftMs = Number.POSITIVE_INFINITY
  }

  #pause(): void {
    clearTimeout(this.#timer)
    this.#leftMs -= performance.now() - this.#since
  }

  #run(): void {
    this.#since = performance.now()
    if (this.#leftMs !== Number.POSITIVE_INFINITY) {
      this.#timer = setTimeout(this.#expire, Math.max(this.#leftMs, 1000))
    }
  }
}

/** What an aborted signal means for whoever waits. */
export function cancelledProblem(what: string, signal: AbortSignal): Problem {
  return signal.reason instanceof Problem ? signal.reason : new Problem('cancelled', `${what}: cancelled`)
}
