// The history database as main sees it: a worker thread that is written to without waiting and asked with promises.
import { existsSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Worker } from 'node:worker_threads'
import type { Series } from '../../shared/contract/index.ts'
import { asProblem, Problem, problemFromData } from '../../shared/problem.ts'
import type { History, Remembered, SeriesQuery } from './history.ts'
import { measureInterval } from './interval.ts'
import type { WorkerQuery, WorkerReply, WorkerWrite } from './worker-messages.ts'

export interface HistoryOptions {
  readonly dataDirectory: string
  readonly onProblem: (problem: Problem) => void
}

/** Distributes over the union, which Omit alone does not. */
type WithoutId<Q> = Q extends unknown ? Omit<Q, 'id'> : never

export function openHistory({ dataDirectory, onProblem }: HistoryOptions): History {
  const path = join(dataDirectory, 'history.sqlite')
  keepCorruptAside(path, onProblem)
  const worker = new HistoryWorker(path, onProblem)
  return {
    addSample: (hostId, before, sample) =>
      worker.write({ kind: 'interval', hostId, interval: measureInterval(before, sample) }),
    addAssessment: (hostId, document) =>
      worker.write({ kind: 'assessment', hostId, at: Date.now(), document }),
    addScrub: (hostId, document, whole) =>
      worker.write({ kind: 'scrub', hostId, at: Date.now(), document, whole }),
    remembered: async (hostId) => (await worker.ask({ kind: 'remembered', hostId })) as Remembered,
    series: async (query: SeriesQuery) => (await worker.ask({ kind: 'series', query })) as Series,
    forget: (hostId) => worker.write({ kind: 'forget', hostId }),
    close: () => worker.close(),
  }
}

class HistoryWorker {
  readonly #worker: Worker
  readonly #asked = new Map<number, PromiseWithResolvers<unknown>>()
  readonly #exited: Promise<void>
  readonly #onProblem: (problem: Problem) => void
  #nextId = 0
  #closed = false
  #complained = ''

  constructor(path: string, onProblem: (problem: Problem) => void) {
    // In the Electron build the worker is a bundle of its own beside this one.
    const file = import.meta.url.endsWith('.ts') ? './history-worker.ts' : './history-worker.js'
    this.#worker = new Worker(new URL(file, import.meta.url), { workerData: { path }, name: 'history' })
    this.#onProblem = onProblem
    this.#worker.on('message', (message: WorkerReply) => this.#receive(message))
    this.#worker.on('error', (error) => this.#complain(asProblem(error, 'cannot keep history')))
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
    if (message.kind === 'failed') {
      this.#complain(problemFromData(message.problem))
      return
    }
    const answer = this.#asked.get(message.id)
    this.#asked.delete(message.id)
    if (message.kind === 'answer') answer?.resolve(message.value)
    else answer?.reject(problemFromData(message.problem))
  }

  /** A full disk fails every second; once is enough. */
  #complain(problem: Problem): void {
    if (problem.message === this.#complained) return
    this.#complained = problem.message
    this.#onProblem(problem)
  }

  #end(): void {
    this.#closed = true
    for (const answer of this.#asked.values()) {
      answer.reject(new Problem('gone', 'cannot read history: its worker ended'))
    }
    this.#asked.clear()
  }
}

/** A file that is no database would keep the workbench from starting; it is moved away, not deleted. */
function keepCorruptAside(path: string, onProblem: (problem: Problem) => void): void {
  if (!existsSync(path)) return
  try {
    const database = new DatabaseSync(path)
    database.prepare('SELECT count(*) FROM sqlite_schema').get()
    database.close()
  } catch (error) {
    const aside = `${path}.corrupt-${new Date().toISOString().replaceAll(':', '-')}`
    renameSync(path, aside)
    const why = error instanceof Error ? error.message : String(error)
    onProblem(new Problem('bad-input', `cannot use ${path}: ${why}`, { remedy: `It was kept as ${aside}.` }))
  }
}
