// Keeps a history database through what may befall its file: buffers writes, opens again what could not be opened,
// and begins anew after damage.
import type { DatabaseSync } from 'node:sqlite'
import { Problem } from '../../shared/problem.ts'
import { wallClock } from '../../shared/time/wall-clock.ts'
import { HistoryStore } from './history-store.ts'
import { asDatabaseProblem, isDamaged, isTransient, openAnew, openDatabase } from './open-database.ts'
import type { WorkerWrite } from './worker-messages.ts'

export interface HistoryReports {
  /** Told after each attempt to write: undefined when all is kept. */
  readonly onHealth: (problem: Problem | undefined) => void
  readonly onAside: (problem: Problem) => void
}

/** Writes kept while the file cannot be written to: minutes of a hundred hosts. The oldest go first. */
const maxWaiting = 10_000

export class HistoryKeeper {
  readonly #path: string
  readonly #reports: HistoryReports
  #store: HistoryStore | undefined
  #waiting: WorkerWrite[] = []
  #openedAt = 0
  /** The wall clock as of opening, by what is in the file: a clock that is wrong then must not empty it. */
  #newestAtOpening = 0
  #absence: Problem | undefined

  constructor(path: string, reports: HistoryReports) {
    this.#path = path
    this.#reports = reports
  }

  /** Where there is no database yet, tries to open it; tells how that went. */
  open(): void {
    if (this.#store) return
    try {
      this.#use(openDatabase(this.#path, this.#reports.onAside))
    } catch (error) {
      this.#absence = asDatabaseProblem(error, `cannot use ${this.#path}`)
      this.#reports.onHealth(this.#absence)
    }
  }

  addWrite(write: WorkerWrite): void {
    this.#waiting.push(write)
    if (this.#waiting.length > maxWaiting) this.#waiting.shift()
  }

  /** Writes what waits. What fails for a while only, as on a full disk, goes on waiting. */
  flush(): void {
    if (!this.#store || this.#waiting.length === 0) return
    const writes = this.#waiting
    this.#waiting = []
    this.#attempt('cannot write history', (store) => {
      try {
        store.inTransaction(() => {
          for (const write of writes) applyWrite(store, write)
        })
      } catch (error) {
        if (isTransient(error) || isDamaged(error)) this.#waiting = [...writes, ...this.#waiting]
        throw error
      }
    })
  }

  /** Rolls up and drops what is old: by the time that really went by since the file was opened. */
  tidy(): void {
    const elapsedMs = performance.now() - this.#openedAt
    this.#attempt('cannot delete old history', (store) => {
      store.tidy(wallClock(), this.#newestAtOpening + elapsedMs)
    })
  }

  /** Throws the Problem why there is no history. */
  read<T>(query: (store: HistoryStore) => T): T {
    this.flush()
    if (!this.#store) {
      throw this.#absence ?? new Problem('gone', 'cannot read history: it is closed')
    }
    try {
      return query(this.#store)
    } catch (error) {
      this.#beginAnewIfDamaged(error)
      throw asDatabaseProblem(error, 'cannot read history')
    }
  }

  close(): void {
    this.flush()
    this.#store?.close()
    this.#store = undefined
  }

  #use(database: DatabaseSync): void {
    this.#store = new HistoryStore(database)
    this.#openedAt = performance.now()
    this.#newestAtOpening = this.#store.rolledUntil || wallClock()
    this.#absence = undefined
    this.#reports.onHealth(undefined)
  }

  #attempt(what: string, work: (store: HistoryStore) => void): void {
    if (!this.#store) return
    try {
      work(this.#store)
      this.#reports.onHealth(undefined)
    } catch (error) {
      if (!this.#beginAnewIfDamaged(error)) this.#reports.onHealth(asDatabaseProblem(error, what))
    }
  }

  #beginAnewIfDamaged(error: unknown): boolean {
    if (!isDamaged(error)) return false
    this.#store?.close()
    this.#store = undefined
    try {
      this.#use(openAnew(this.#path, error, this.#reports.onAside))
    } catch (failure) {
      this.#absence = asDatabaseProblem(failure, `cannot begin a new ${this.#path}`)
      this.#reports.onHealth(this.#absence)
    }
    return true
  }
}

function applyWrite(store: HistoryStore, write: WorkerWrite): void {
  switch (write.kind) {
    case 'interval':
      store.addInterval(write.hostId, write.interval)
      break
    case 'assessment':
      store.addAssessment(write.hostId, write.at, write.document)
      break
    case 'scrub':
      store.addScrub(write.hostId, write.at, write.document, write.whole)
      break
    case 'notes':
      store.addNotes(write.hostId, write.notes)
      break
    case 'mark':
      store.addMark(write.hostId, write.mark)
      break
    case 'forget':
      store.forget(write.hostId)
      break
  }
}
