// Heavy work takes turns: one at a time, so that a host never carries two scans at once.

import { Problem } from '../../../src/shared/problem.ts'
import type { CallContext } from '../../../src/shared/rpc.ts'

const maxWaiting = 16

export class Turns {
  #last: Promise<unknown> = Promise.resolve()
  #waiting = 0

  /** Runs `work` once all that came before has ended; reports waiting as progress. Cancelled while waiting, it never runs. */
  async runInTurn<T>(context: CallContext, work: () => Promise<T>): Promise<T> {
    if (this.#waiting >= maxWaiting) {
      throw new Problem('busy', `cannot start: ${maxWaiting} others are waiting for their turn already`)
    }
    const before = this.#last
    let finish: (value: unknown) => void = () => undefined
    this.#last = new Promise((resolve) => {
      finish = resolve
    })
    this.#waiting += 1
    try {
      if (this.#waiting > 1) context.reportProgress({ step: 'waiting for other work on this host' })
      await untilAborted(before, context.signal)
      return await work()
    } finally {
      this.#waiting -= 1
      // A cancelled one passes the turn on only when the one before it has ended.
      void before.then(finish)
    }
  }
}

function untilAborted(turn: Promise<unknown>, signal: CallContext['signal']): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason ?? new Problem('cancelled', 'cancelled while waiting'))
    if (signal.aborted) return abort()
    signal.addEventListener('abort', abort, { once: true })
    void turn.then(() => {
      signal.removeEventListener('abort', abort)
      resolve(undefined)
    })
  })
}
