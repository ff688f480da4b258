// History for a process that only reads it, beside a workbench that writes: the command line's reports and comparisons.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { wallClock } from '../../shared/time/wall-clock.ts'
import type { History } from './history.ts'
import { HistoryStore } from './history-store.ts'
import { keepNoHistory } from './no-history.ts'
import { asDatabaseProblem } from './open-database.ts'

/**
 * Opened when first read; reads block this thread. Nothing is kept, and what another process keeps in the meantime is seen.
 * Without a file everything is empty; a file that cannot be read is a Problem.
 */
export function readHistory(dataDirectory: string): History {
  const path = join(dataDirectory, 'history.sqlite')
  const nothing = keepNoHistory()
  let database: DatabaseSync | undefined
  let store: HistoryStore | undefined
  const read = <T>(hostId: string, empty: T, query: (store: HistoryStore) => T): T => {
    if (!database && !existsSync(path)) return empty
    try {
      database ??= new DatabaseSync(path, { readOnly: true })
      if (database.prepare('SELECT id FROM host WHERE key = ?').get(hostId) === undefined) return empty
      store ??= new HistoryStore(database)
      return query(store)
    } catch (error) {
      throw asDatabaseProblem(error, `cannot read ${path}`)
    }
  }
  return {
    ...nothing,
    remembered: async (hostId) => read(hostId, {}, (kept) => kept.remembered(hostId)),
    series: async (query) =>
      read(query.hostId, await nothing.series(query), (kept) => kept.series(query, wallClock())),
    means: async (query) =>
      read(query.hostId, await nothing.means(query), (kept) => kept.means(query, wallClock())),
    close: async () => database?.close(),
  }
}
