// The service that guests are at work with: each answers requests at a fixed rate, by reading from its files and adding
// them up. The latency of an answer is what a client would see.
import { setTimeout as sleep } from 'node:timers/promises'
import type { LabGuest } from '../../beds/lab/lab.ts'

/** A request to each guest, so often. */
const everyMs = 1000
/** A part of a file that all clones have, small enough for a busy host. */
const request = 'head -c 262144 /data/files/common/big.bin | sha256sum'
const answersWithinMs = 20_000

export interface Answers {
  readonly latencies: readonly number[]
  /** Requests without an answer. */
  readonly lost: number
}

export class Service {
  readonly #stopping = new AbortController()
  readonly #work: Promise<void>[] = []
  #latencies: number[] = []
  #lost = 0

  add(guest: LabGuest): void {
    this.#work.push(this.#serve(guest))
  }

  /** What came since it was asked last. */
  take(): Answers {
    const answers = { latencies: this.#latencies, lost: this.#lost }
    this.#latencies = []
    this.#lost = 0
    return answers
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await Promise.all(this.#work)
  }

  async #serve(guest: LabGuest): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      const from = performance.now()
      try {
        await guest.command(request, answersWithinMs)
        this.#latencies.push((performance.now() - from) / 1000)
      } catch {
        // Ended or stuck: the trial sees which.
        this.#lost += 1
        if (!this.#stopping.signal.aborted) await sleep(everyMs)
      }
      const left = everyMs - (performance.now() - from)
      if (left > 0) await sleep(left)
    }
  }
}

/** The value below which this share of them lies; NaN without any. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
}
