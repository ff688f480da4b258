// Keeps a long scan answerable: other requests get their turn, and a cancelled scan stops at once.
import type { Progress } from '../../src/shared/contract/quantity.ts'
import { Problem } from '../../src/shared/problem.ts'
import type { ScanOptions } from './scan-options.ts'

const TURN_MS = 40
const REPORT_MS = 200

export class Pace {
  private readonly options: Pick<ScanOptions, 'signal' | 'reportProgress'>
  private readonly total: number
  private done = 0
  private turnEnds = performance.now() + TURN_MS
  private reported = 0

  /** `total` and the steps are in any one unit of work. */
  constructor(options: Pick<ScanOptions, 'signal' | 'reportProgress'>, total: number) {
    this.options = options
    this.total = total
  }

  /** Counts work; true when it is time to `rest`. */
  advance(work: number): boolean {
    this.done += work
    return performance.now() >= this.turnEnds
  }

  /** Lets others have their turn. Throws `cancelled`. */
  async rest(step: string): Promise<void> {
    throwIfCancelled(this.options.signal)
    await new Promise<void>((resume) => setImmediate(resume))
    throwIfCancelled(this.options.signal)
    this.report(step)
    this.turnEnds = performance.now() + TURN_MS
  }

  private report(step: string): void {
    const now = performance.now()
    if (now - this.reported < REPORT_MS) return
    this.reported = now
    const progress: Progress = { step: step.slice(0, 256) }
    const fraction = Math.min(1, this.done / this.total)
    this.options.reportProgress(this.total > 0 ? { ...progress, fraction } : progress)
  }
}

export function throwIfCancelled(signal: AbortSignal): void {
  if (!signal.aborted) return
  const { reason } = signal
  throw reason instanceof Problem
    ? reason
    : new Problem('cancelled', 'cannot finish the scan: it was cancelled')
}
