// sshd allows ten sessions a connection (MaxSessions): programs beyond eight wait for their turn.
import type { Problem } from '../../shared/problem.ts'
import { cancelledProblem } from './clock.ts'
import type { HostProcess } from './host-process.ts'

const maxChannels = 8

interface Waiter {
  readonly begin: () => void
  readonly fail: (problem: Problem) => void
}

export class ChannelQueue {
  #open = 0
  readonly #waiting: Waiter[] = []
  #ended: Problem | undefined

  /** Starts a program as soon as a channel is free; its channel is free again once it has exited. */
  async run(signal: AbortSignal, start: () => Promise<HostProcess>): Promise<HostProcess> {
    await this.#takeTurn(signal)
    try {
      const running = await start()
      void running.exited.then(() => this.#release())
      return running
    } catch (error) {
      this.#release()
      throw error
    }
  }

  /** Everything that waits, now or later, fails with `problem`. */
  end(problem: Problem): void {
    this.#ended = problem
    for (const { fail } of this.#waiting.splice(0)) fail(problem)
  }

  #takeTurn(signal: AbortSignal): Promise<void> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended)
    if (signal.aborted) return Promise.reject(cancelledProblem('cannot run a program', signal))
    if (this.#open < maxChannels) {
      this.#open += 1
      return Promise.resolve()
    }
    return new Promise((resolve, reject) => {
      const cancel = () => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1)
        reject(cancelledProblem('cannot run a program', signal))
      }
      const waiter: Waiter = {
        begin: () => {
          signal.removeEventListener('abort', cancel)
          resolve()
        },
        fail: (problem) => {
          signal.removeEventListener('abort', cancel)
          reject(problem)
        },
      }
      signal.addEventListener('abort', cancel, { once: true })
      this.#waiting.push(waiter)
    })
  }

  #release(): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#open -= 1
    else next.begin()
  }
}
