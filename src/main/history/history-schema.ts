// Tables of history.sqlite: five resolutions of the same row, reads per guest, and events. Brings older files up to it.
import type { DatabaseSync } from 'node:sqlite'
import { z } from 'zod'
import { gaugeNames, sumNames } from '../../shared/contract/index.ts'
import { noteTables } from './policy-notes.ts'

export interface Level {
  readonly table: string
  /** 0: as sampled. */
  readonly stepMs: number
  readonly keptMs: number
}

/** Of a range: what one level has of it. */
export interface Part {
  readonly level: Level
  readonly from: number
  /** Not included. */
  readonly to: number
}

const hourMs = 3_600_000
const dayMs = 24 * hourMs

/**
 * Finest first; each is rolled up from the one before. Samples as they came are two thirds of what a day costs, and only
 * a range of a quarter of an hour shows each of them. A range is read a moment after it ends, so each level keeps more than
 * the range that it is for: 6 h, a day, a week, 30 days.
 */
export const levels = [
  { table: 'raw', stepMs: 0, keptMs: 6.5 * hourMs },
  { table: 'tenSeconds', stepMs: 10_000, keptMs: 26 * hourMs },
  { table: 'minute', stepMs: 60_000, keptMs: 8 * dayMs },
  { table: 'fiveMinutes', stepMs: 300_000, keptMs: 31 * dayMs },
  { table: 'quarter', stepMs: hourMs / 4, keptMs: 366 * dayMs },
] as const satisfies readonly Level[]

export const eventsKeptMs = 366 * dayMs

/** Every table whose rows belong to a host. */
export const tablesOfHosts = [
  ...levels.flatMap(({ table }) => [table, `${table}_reads`]),
  'event',
  'mark',
  'policy_note',
]

/** Of each gauge: the mean, and the least and most it was; null: the mean as well. */
const gaugeColumns = gaugeNames.flatMap((name) => [name, `${name}Min`, `${name}Max`])
/** Of each guest, beside what was asked and fetched: read requests as its QEMU counts them. null: it did not tell. */
const requestColumns = ['requests', 'timedRequests', 'requestSeconds', 'observedSeconds'] as const
/** Of each guest whose control group tells how long it waits for storage. null: it does not. */
const ioWaitColumns = ['ioWaitMs', 'ioPressureMs'] as const
/** Of each guest, as its process counts it. null: not told. */
const cpuColumns = ['cpuMs', 'cpuObservedMs'] as const
const addedReadsColumns = [...requestColumns, ...ioWaitColumns, ...cpuColumns] as const
export const readsColumns = ['askedBytes', 'fetchedBytes', ...addedReadsColumns] as const
export type ReadsColumn = (typeof readsColumns)[number]
export const rowColumns = [...gaugeColumns, ...sumNames]

/** Events by arrival: the wall clock may have gone back. Those from before schema 2 have no serial and are older. */
export const oldestFirst = 'coalesce(serial, 0), at'
export const newestFirst = 'coalesce(serial, 0) DESC, at DESC'

/**
 * PRAGMA user_version. 0 is both an empty file and one of before versions were kept. A new metric is no new version:
 * columns that are missing are added whatever the version.
 */
export const schemaVersion = 2

/** 0: an empty file. */
export function readSchemaVersion(database: DatabaseSync): number {
  return z.object({ user_version: z.number() }).parse(database.prepare('PRAGMA user_version').get())
    .user_version
}

/** All or nothing. Columns of metrics that this build does not know stay. */
export function bringUpToDate(database: DatabaseSync): void {
  database.exec('BEGIN IMMEDIATE')
  try {
    database.exec(tables)
    for (const { table } of levels) addColumns(database, table, rowColumns, 'REAL')
    for (const { table } of levels) addColumns(database, `${table}_reads`, addedReadsColumns, 'REAL')
    // Since version 2: the order of arrival, which the wall clock does not give.
    addColumns(database, 'event', ['serial'], 'INTEGER')
    database.exec(documentIndex)
    database.exec(`PRAGMA user_version = ${schemaVersion}`)
    database.exec('COMMIT')
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}

const tables = `
  CREATE TABLE IF NOT EXISTS host (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE);
  CREATE TABLE IF NOT EXISTS rolled (level TEXT PRIMARY KEY, until INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS event (
    host INTEGER NOT NULL, at INTEGER NOT NULL, kind TEXT NOT NULL,
    doubleCachedBytes INTEGER, reclaimableBytes INTEGER, document TEXT, serial INTEGER,
    PRIMARY KEY (host, at, kind)
  ) WITHOUT ROWID;
  ${noteTables}
  CREATE TABLE IF NOT EXISTS mark (
    host INTEGER NOT NULL, at INTEGER NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL,
    PRIMARY KEY (host, at, kind, text)
  ) WITHOUT ROWID;
  ${levels.map(({ table }) => levelTables(table)).join('\n')}`

/** Few events have their document still, and each minute it is asked for which. */
const documentIndex = `
  CREATE INDEX IF NOT EXISTS event_document ON event (host, kind, coalesce(serial, 0), at)
    WHERE document IS NOT NULL`

function levelTables(table: string): string {
  return `
    CREATE TABLE IF NOT EXISTS ${table} (
      host INTEGER NOT NULL, at INTEGER NOT NULL, ${rowColumns.map((name) => `${name} REAL`).join(', ')},
      PRIMARY KEY (host, at)
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS ${table}_reads (
      host INTEGER NOT NULL, at INTEGER NOT NULL, guest TEXT NOT NULL, ${readsColumns.map((name) => `${name} REAL`).join(', ')},
      PRIMARY KEY (host, at, guest)
    ) WITHOUT ROWID;`
}

function addColumns(database: DatabaseSync, table: string, names: readonly string[], type: string): void {
  const rows = database.prepare(`PRAGMA table_info(${table})`).all()
  const present = new Set(
    z
      .array(z.object({ name: z.string() }))
      .parse(rows)
      .map(({ name }) => name),
  )
  for (const name of names) {
    if (!present.has(name)) database.exec(`ALTER TABLE ${table} ADD COLUMN ${name} ${type}`)
  }
}
