// Windows of a guest's RAM that a second thread reads while this thread reads others.
import { problemFromData } from '../../../../src/shared/problem.ts'
import type { PresentRun } from '../../kernel/present-pages.ts'
import { type SiteKind, siteKind } from '../records/record-layout.ts'
import type { ReadSlot } from './read-slots.ts'
import type { ReadAnswer, ReadingThread } from './reading-thread.ts'
import type { FrameSink } from './scan.ts'

export class OffloadedWindows {
  hashedPages = 0
  readonly #thread: ReadingThread
  readonly #pid: number
  readonly #sink: FrameSink
  readonly #answers = new Set<Promise<void>>()
  #failure: unknown

  constructor(thread: ReadingThread, pid: number, sink: FrameSink) {
    this.#thread = thread
    this.#pid = pid
    this.#sink = sink
  }

  /** Hands runs to the thread, at most `slotPages` pages. False: both slots are in use. */
  offerWindow(runs: readonly PresentRun[], kindOf: (run: PresentRun) => SiteKind): boolean {
    const slot = this.#thread.takeSlot()
    if (slot === undefined) return false
    let count = 0
    for (const run of runs) {
      if (run.kernelZero) {
        this.#sink.addKernelZeroPages(run.pages)
        continue
      }
      slot.putRun(count, run, kindOf(run))
      count += 1
    }
    const answered = this.#thread.readSlot(slot, this.#pid, count).then(
      (answer) => this.#takeAnswer(slot, answer),
      (error: unknown) => {
        this.#failure ??= error
      },
    )
    this.#answers.add(answered)
    void answered.finally(() => this.#answers.delete(answered))
    return true
  }

  /** Waits for all answers. Never rejects: see `check`. */
  async settle(): Promise<void> {
    await Promise.all(this.#answers)
  }

  /** Throws the first failure so far. */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure
  }

  #takeAnswer(slot: ReadSlot, answer: ReadAnswer): void {
    try {
      if ('problem' in answer) {
        this.#failure ??= problemFromData(answer.problem)
        return
      }
      this.#passOn(slot, answer.privatePages, siteKind.private)
      this.#passOn(slot, answer.unmergeablePages, siteKind.unmergeable)
    } finally {
      this.#thread.giveBack(slot)
    }
  }

  #passOn(slot: ReadSlot, pages: number, kind: SiteKind): void {
    if (pages > 0) this.#sink.addPages(slot.hashesOf(kind), pages, kind)
    this.hashedPages += pages
  }
}
