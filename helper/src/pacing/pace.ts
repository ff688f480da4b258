// Keeps a long scan answerable and within its share of a processor: other requests get their turn, a cancelled scan stops
// at once, and after each turn of work it rests as long as its budget asks for.
import type { Progress } from '../../../src/shared/contract/quantity.ts'
import { Problem } from '../../../src/shared/problem.ts'
import { sleep } from '../../../src/shared/time/waiting.ts'
import type { ScanOptions } from './scan-options.ts'

/** Of a core, for scans that nobody waits for. One that a person asked for takes what is free. */
export const backgroundCpuRatio = 0.2

const turnMs = 40
/** With a budget, shorter turns keep rests short: 10 ms of work at 20 % are followed by 40 ms of rest. */
const budgetedTurnMs = 10
const reportMs = 200

/** What time is asked of: replaced in tests. */
export interface PaceClock {
  readonly nowMs: () => number
  /** CPU time of this process, all threads. */
  readonly cpuMs: () => number
  /** Resolves after the time, or at once when the signal is aborted. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>
}

const realClock: PaceClock = {
  nowMs: () => performance.now(),
  cpuMs: () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1000
  },
  // Rests of less than a millisecond only let other requests have their turn.
  sleep: (ms, signal) => (ms < 1 ? new Promise((resume) => setImmediate(resume)) : sleep(ms, signal)),
}

type PaceOptions = Pick<ScanOptions, 'signal' | 'reportProgress' | 'cpuRatio'> & {
  /** After each turn of work. */
  readonly onRest?: () => Promise<void>
}

export class Pace {
  readonly #options: PaceOptions
  readonly #total: number
  readonly #clock: PaceClock
  readonly #turnMs: number
  #done = 0
  #turn: { readonly startMs: number; readonly cpuMs: number }
  #reported = { atMs: 0, step: '' }

  /** `total` and the steps are in any one unit of work. */
  constructor(options: PaceOptions, total: number, clock = realClock) {
    this.#options = options
    this.#total = total
    this.#clock = clock
    this.#turnMs = options.cpuRatio === undefined ? turnMs : budgetedTurnMs
    this.#turn = { startMs: clock.nowMs(), cpuMs: clock.cpuMs() }
  }

  /** Counts work; true when it is time to `rest`. */
  advance(work: number): boolean {
    this.#done += work
    return this.#clock.nowMs() >= this.#turn.startMs + this.#turnMs
  }

  /** Lets others have their turn. Throws `cancelled`. */
  async rest(step: string): Promise<void> {
    const { signal } = this.#options
    throwIfCancelled(signal)
    await this.#clock.sleep(this.#owedMs(), signal)
    throwIfCancelled(signal)
    this.#report(step)
    await this.#options.onRest?.()
    this.#turn = { startMs: this.#clock.nowMs(), cpuMs: this.#clock.cpuMs() }
  }

  /** Each turn pays for itself, so that the budget holds over any period, give or take one turn. */
  #owedMs(): number {
    const { cpuRatio } = this.#options
    if (cpuRatio === undefined) return 0
    const elapsedMs = this.#clock.nowMs() - this.#turn.startMs
    return Math.max(0, (this.#clock.cpuMs() - this.#turn.cpuMs) / cpuRatio - elapsedMs)
  }

  /** Reports a new step at once, and progress within a step every now and then. */
  #report(step: string): void {
    const now = this.#clock.nowMs()
    if (step === this.#reported.step && now - this.#reported.atMs < reportMs) return
    this.#reported = { atMs: now, step }
    const progress: Progress = { step: step.slice(0, 256) }
    const fraction = Math.min(1, this.#done / this.#total)
    this.#options.reportProgress(this.#total > 0 ? { ...progress, fraction } : progress)
  }
}

/** Throws `cancelled` once the signal is aborted. */
export function throwIfCancelled(signal: AbortSignal): void {
  if (!signal.aborted) return
  const { reason } = signal
  throw reason instanceof Problem
    ? reason
    : new Problem('cancelled', 'cannot finish the scan: it was cancelled')
}
