// Watches the bursts of a session, one at a time: nobody would end them otherwise.
import { asProblem } from '../../../src/shared/problem.ts'
import type { ChangeContext } from '../changes/change.ts'
import type { BurstTools } from './burst-tools.ts'
import { watchBurst } from './watch-burst.ts'

/** A failure to watch is logged, never thrown. Call `end` before the session ends. */
export class BurstKeeper {
  readonly #context: ChangeContext
  readonly #tools: BurstTools
  readonly #ending = new AbortController()
  #watching: Promise<void> = Promise.resolve()

  constructor(context: ChangeContext, tools: BurstTools) {
    this.#context = context
    this.#tools = tools
  }

  /** Watches the burst that the journal tells of, also one that a killed helper left behind. */
  watch(): void {
    this.#watching = this.#watching.then(() => this.#watchOne())
  }

  /** Ends the burst under way, if any, and keeps what is merged. Needs root where there is one. */
  async end(): Promise<void> {
    this.#ending.abort()
    await this.#watching
  }

  async #watchOne(): Promise<void> {
    try {
      await watchBurst(this.#context, this.#ending.signal, this.#tools)
    } catch (error) {
      const { code, message } = asProblem(error)
      // A kernel without KSM, or a session without the rights: there is no burst to watch.
      if (code !== 'not-supported' && code !== 'not-permitted') this.#context.log(`KSM burst: ${message}`)
    }
  }
}
