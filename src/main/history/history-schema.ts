// Tables of history.sqlite: three resolutions of the same row, reads per guest, and events.
import type { DatabaseSync } from 'node:sqlite'
import { gaugeNames, sumNames } from './interval.ts'

export interface Level {
  readonly table: string
  /** 0: as sampled. */
  readonly stepMs: number
  readonly keptMs: number
}

const hourMs = 3_600_000
const dayMs = 24 * hourMs

/** Finest first; each is rolled up from the one before. */
export const levels = [
  { table: 'raw', stepMs: 0, keptMs: dayMs },
  { table: 'minute', stepMs: 60_000, keptMs: 30 * dayMs },
  { table: 'quarter', stepMs: hourMs / 4, keptMs: 366 * dayMs },
] as const satisfies readonly Level[]

export const eventsKeptMs = 366 * dayMs

/** Of each gauge: the mean, and the least and most it was. */
export const gaugeColumns = gaugeNames.flatMap((name) => [name, `${name}Min`, `${name}Max`])
export const rowColumns = [...gaugeColumns, ...sumNames]

export function createTables(database: DatabaseSync): void {
  database.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    PRAGMA busy_timeout = 5000;
    CREATE TABLE IF NOT EXISTS host (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE);
    CREATE TABLE IF NOT EXISTS rolled (level TEXT PRIMARY KEY, until INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS event (
      host INTEGER NOT NULL, at INTEGER NOT NULL, kind TEXT NOT NULL,
      doubleCachedBytes INTEGER, reclaimableBytes INTEGER, document TEXT,
      PRIMARY KEY (host, at, kind)
    ) WITHOUT ROWID;
    ${levels.map(({ table }) => levelTables(table)).join('\n')}
  `)
}

function levelTables(table: string): string {
  return `
    CREATE TABLE IF NOT EXISTS ${table} (
      host INTEGER NOT NULL, at INTEGER NOT NULL, ${rowColumns.map((name) => `${name} REAL`).join(', ')},
      PRIMARY KEY (host, at)
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS ${table}_reads (
      host INTEGER NOT NULL, at INTEGER NOT NULL, guest TEXT NOT NULL, askedBytes REAL, fetchedBytes REAL,
      PRIMARY KEY (host, at, guest)
    ) WITHOUT ROWID;`
}
