// Windows of a guest's RAM that a second thread reads, while this one reads others.
import { problemFromData } from '../../../src/shared/problem.ts'
import type { PresentRun } from './present-pages.ts'
import type { ReadAnswer, ReadingThread } from './reading-thread.ts'
import type { PageSink } from './scan-ram.ts'
import { type SiteKind, siteKind } from './site-kind.ts'

/** One in work and one in waiting keep the thread busy. */
const MAX_PENDING = 2

export class HandedOver {
  hashedPages = 0
  private readonly thread: ReadingThread
  private readonly pid: number
  private readonly sink: PageSink
  private readonly answers = new Set<Promise<void>>()
  private failure: unknown

  constructor(thread: ReadingThread, pid: number, sink: PageSink) {
    this.thread = thread
    this.pid = pid
    this.sink = sink
  }

  /** False: the thread has enough to do. */
  offer(runs: readonly PresentRun[], kindOf: (run: PresentRun) => SiteKind): boolean {
    if (this.thread.pending >= MAX_PENDING) return false
    const read = runs.filter((run) => !run.kernelZero)
    for (const run of runs) if (run.kernelZero) this.sink.addKernelZeroPages(run.pages)
    if (read.length === 0) return true
    const request = { pid: this.pid, runs: read.map((run) => ({ ...run, kind: kindOf(run) })) }
    const answered = this.thread.read(request).then(
      (answer) => this.take(answer),
      (error: unknown) => {
        this.failure ??= error
      },
    )
    this.answers.add(answered)
    answered.finally(() => this.answers.delete(answered))
    return true
  }

  /** Waits for what is not answered yet. */
  async settle(): Promise<void> {
    await Promise.all(this.answers)
  }

  /** Throws what went wrong so far. */
  check(): void {
    if (this.failure !== undefined) throw this.failure
  }

  private take(answer: ReadAnswer): void {
    if ('problem' in answer) {
      this.failure ??= problemFromData(answer.problem)
      return
    }
    for (const [hashes, kind] of [
      [answer.own, siteKind.own] as const,
      [answer.fixed, siteKind.fixed] as const,
    ]) {
      if (hashes.length > 0) this.sink.addPages(hashes, hashes.length / 2, kind)
      this.hashedPages += hashes.length / 2
    }
  }
}
