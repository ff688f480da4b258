// The history database as main sees it: a worker thread that is written to without waiting and asked with promises.
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { type Mark, type PolicyNote, type Series, shownTime } from '../../shared/contract/index.ts'
import { asProblem, Problem, problemFromData } from '../../shared/problem.ts'
import { workerFile } from '../worker-file.ts'
import type { History, MarksQuery, Means, MeansQuery, Remembered, SeriesQuery } from './history.ts'
import { measureInterval } from './interval.ts'
import { KeptGuests } from './kept-guests.ts'
import type { WorkerQuery, WorkerReply, WorkerWrite } from './worker-messages.ts'

export interface HistoryOptions {
  readonly dataDirectory: string
  /** What happened once: a damaged file was moved aside. */
  readonly onProblem: (problem: Problem) => void
  /** Why nothing is kept at present; undefined once it is kept again. Told when it changes. */
  readonly onHealth: (problem: Problem | undefined) => void
}

/** Distributes over the union, which Omit alone does not. */
type WithoutId<Q> = Q extends unknown ? Omit<Q, 'id'> : never

/**
 * Begins a worker thread on `history.sqlite`. Never throws: what keeps it from opening goes to `onHealth`, and every
 * question is then refused with it.
 */
export function openHistory(options: HistoryOptions): History {
  const worker = new HistoryWorker(join(options.dataDirectory, 'history.sqlite'), options)
  const guests = new KeptGuests()
  return {
    addSample: (hostId, before, sample, round) => {
      const interval = guests.limitNames(hostId, measureInterval(before, sample, round))
      worker.write({ kind: 'interval', hostId, interval })
    },
    addAssessment: (hostId, document) =>
      worker.write({ kind: 'assessment', hostId, at: shownTime(document), document }),
    addScrub: (hostId, document, whole) =>
      worker.write({ kind: 'scrub', hostId, at: shownTime(document), document, whole }),
    addNotes: (hostId, notes) => worker.write({ kind: 'notes', hostId, notes }),
    notes: async (hostId, limit) => (await worker.ask({ kind: 'notes', hostId, limit })) as PolicyNote[],
    addMark: (hostId, mark) => worker.write({ kind: 'mark', hostId, mark }),
    marks: async (query: MarksQuery) => (await worker.ask({ kind: 'marks', query })) as Mark[],
    remembered: async (hostId) => (await worker.ask({ kind: 'remembered', hostId })) as Remembered,
    series: async (query: SeriesQuery) => (await worker.ask({ kind: 'series', query })) as Series,
    means: async (query: MeansQuery) => (await worker.ask({ kind: 'means', query })) as Means,
    forget: (hostId) => {
      guests.forget(hostId)
      worker.write({ kind: 'forget', hostId })
    },
    close: () => worker.close(),
  }
}

class HistoryWorker {
  readonly #worker: Worker
  readonly #asked = new Map<number, PromiseWithResolvers<unknown>>()
  readonly #exited: Promise<void>
  readonly #options: HistoryOptions
  #nextId = 0
  #closed = false
  #health: string | undefined

  constructor(path: string, options: HistoryOptions) {
    this.#worker = new Worker(workerFile('history-worker', import.meta.url), {
      workerData: { path },
      name: 'history',
    })
    this.#options = options
    this.#worker.on('message', (message: WorkerReply) => this.#receive(message))
    this.#worker.on('error', (error) => this.#enter(asProblem(error, 'cannot keep history')))
    this.#exited = new Promise((resolve) => this.#worker.on('exit', () => resolve(this.#end())))
  }

  write(write: WorkerWrite): void {
    if (!this.#closed) this.#worker.postMessage(write)
  }

  ask(query: WithoutId<WorkerQuery>): Promise<unknown> {
    if (this.#closed) return Promise.reject(new Problem('gone', 'cannot read history: it is closed'))
    this.#nextId += 1
    const answer = Promise.withResolvers<unknown>()
    this.#asked.set(this.#nextId, answer)
    this.#worker.postMessage({ ...query, id: this.#nextId })
    return answer.promise
  }

  async close(): Promise<void> {
    if (!this.#closed) this.#worker.postMessage({ kind: 'close' })
    this.#closed = true
    await this.#exited
  }

  #receive(message: WorkerReply): void {
    if (message.kind === 'health') {
      this.#enter(message.problem && problemFromData(message.problem))
      return
    }
    if (message.kind === 'aside') {
      this.#options.onProblem(problemFromData(message.problem))
      return
    }
    const answer = this.#asked.get(message.id)
    this.#asked.delete(message.id)
    if (message.kind === 'answer') answer?.resolve(message.value)
    else answer?.reject(problemFromData(message.problem))
  }

  /** A full disk fails every second; once is enough. */
  #enter(problem: Problem | undefined): void {
    if (problem?.message === this.#health) return
    this.#health = problem?.message
    this.#options.onHealth(problem)
  }

  #end(): void {
    this.#closed = true
    for (const answer of this.#asked.values()) {
      answer.reject(new Problem('gone', 'cannot read history: its worker ended'))
    }
    this.#asked.clear()
  }
}
