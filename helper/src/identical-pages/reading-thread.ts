// The main thread's end of a thread that reads guests' memory.
import { Worker } from 'node:worker_threads'
import { Problem, type ProblemData } from '../../../src/shared/problem.ts'
import type { SiteKind } from './site-kind.ts'

export interface ReadRequest {
  readonly pid: number
  readonly runs: readonly { readonly start: number; readonly pages: number; readonly kind: SiteKind }[]
}

/** Hashes as pairs of words; of pages that are still there. */
export type ReadAnswer =
  | { readonly own: Uint32Array; readonly fixed: Uint32Array }
  | { readonly problem: ProblemData }

interface Waiting {
  readonly resolve: (answer: ReadAnswer) => void
  readonly reject: (error: unknown) => void
}

export class ReadingThread {
  private readonly worker: Worker
  private readonly waiting: Waiting[] = []
  private failure: unknown

  constructor() {
    this.worker = new Worker(workerPath())
    this.worker.on('message', (answer: ReadAnswer) => this.waiting.shift()?.resolve(answer))
    this.worker.on('error', (error) => this.fail(error))
    this.worker.on('exit', () =>
      this.fail(new Problem('internal', 'cannot read guests: the reading thread ended')),
    )
  }

  /** Requests that are not answered yet. */
  get pending(): number {
    return this.waiting.length
  }

  /** Answered in the order of asking. */
  read(request: ReadRequest): Promise<ReadAnswer> {
    if (this.failure !== undefined) return Promise.reject(this.failure)
    return new Promise((resolve, reject) => {
      this.waiting.push({ resolve, reject })
      this.worker.postMessage(request)
    })
  }

  async end(): Promise<void> {
    await this.worker.terminate()
  }

  private fail(error: unknown): void {
    this.failure ??= error
    for (const { reject } of this.waiting.splice(0)) reject(error)
  }
}

/** In the compiled helper, workers lie by their path below helper/src beside the entry. */
function workerPath(): string | URL {
  const isCompiled = import.meta.url.includes('/$bunfs/')
  return isCompiled ? './identical-pages/read-worker.js' : new URL('./read-worker.ts', import.meta.url)
}
