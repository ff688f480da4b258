// Rolls finer rows up into coarser ones and drops what is too old.
import type { DatabaseSync } from 'node:sqlite'
import { z } from 'zod'
import { type GaugeName, gaugeNames, metrics, sumNames } from '../../shared/contract/index.ts'
import { dropBefore, ofEachHost } from './drop-before.ts'
import {
  eventsKeptMs,
  type Level,
  levels,
  newestFirst,
  oldestFirst,
  readsColumns,
  rowColumns,
} from './history-schema.ts'

const until = z.object({ until: z.number() })
/** Whole assessments are large: the first and the last few of each host stay, of the rest the figures. */
const keptDocuments = 20

/** Until when a level is complete; 0 before it was ever rolled up. The finest is always complete. */
export function rolledUntil(database: DatabaseSync, level: Level): number {
  const row = database.prepare('SELECT until FROM rolled WHERE level = ?').get(level.table)
  return row === undefined ? 0 : until.parse(row).until
}

/** Rolls up every bucket that ended before `now` and was not rolled up yet. Safe to run twice. */
export function rollUp(database: DatabaseSync, now: number): void {
  levels.forEach((level, index) => {
    const finer = levels[index - 1]
    if (!finer) return
    // A coarse bucket can only be as complete as the rows it is made of.
    const complete = finer.stepMs === 0 ? now : rolledUntil(database, finer)
    const to = Math.floor(complete / level.stepMs) * level.stepMs
    const from = rolledUntil(database, level)
    if (to <= from) return
    database.prepare(rowsStatement(finer, level)).run(from, to)
    database.prepare(readsStatement(finer, level)).run(from, to)
    database.prepare('INSERT OR REPLACE INTO rolled (level, until) VALUES (?, ?)').run(level.table, to)
  })
}

/** Lets the buckets from `at` on be rolled up again: samples were added to them. */
export function reopenFrom(database: DatabaseSync, at: number): void {
  for (const { table, stepMs } of levels) {
    if (stepMs === 0) continue
    const start = Math.floor(at / stepMs) * stepMs
    database.prepare('UPDATE rolled SET until = min(until, ?) WHERE level = ?').run(start, table)
  }
}

/** Drops samples and documents past their age. `now` is in milliseconds of the wall clock. */
export function dropOld(database: DatabaseSync, now: number): void {
  for (const { table, keptMs } of levels) {
    dropBefore(database, table, now - keptMs)
    dropBefore(database, `${table}_reads`, now - keptMs)
  }
  for (const table of ['event', 'mark']) dropBefore(database, table, now - eventsKeptMs)
  database
    .prepare(`
    UPDATE event SET document = NULL WHERE (host, at, kind) IN (
      SELECT host, at, kind FROM (
        SELECT host, at, kind,
          row_number() OVER (PARTITION BY host, kind ORDER BY ${oldestFirst}) AS oldest,
          row_number() OVER (PARTITION BY host, kind ORDER BY ${newestFirst}) AS newest
        FROM event INDEXED BY event_document WHERE document IS NOT NULL)
      WHERE oldest > 1 AND newest > ${keptDocuments})`)
    .run()
}

function rowsStatement(finer: Level, level: Level): string {
  const gauges = gaugeNames.flatMap((name) => [
    meanOf(name),
    `nullif(min(coalesce(${name}Min, ${name})), ${meanOf(name)})`,
    `nullif(max(coalesce(${name}Max, ${name})), ${meanOf(name)})`,
  ])
  const sums = sumNames.map((name) => `sum(${name})`)
  const bucket = bucketOf(level)
  return `INSERT OR REPLACE INTO ${level.table} (host, at, ${rowColumns.join(', ')})
    SELECT host, ${bucket}, ${[...gauges, ...sums].join(', ')}
    FROM ${finer.table} WHERE ${ofEachHost} AND at >= ? AND at < ? GROUP BY host, ${bucket}`
}

/** Whole bytes and pages: SQLite stores whole numbers in as few bytes as they need, any other in eight. */
function meanOf(name: GaugeName): string {
  const isWhole = metrics[name].unit === 'bytes' || metrics[name].unit === 'pages'
  return isWhole ? `round(avg(${name}))` : `avg(${name})`
}

function readsStatement(finer: Level, level: Level): string {
  const bucket = bucketOf(level)
  const sums = readsColumns.map((name) => `sum(${name})`).join(', ')
  return `INSERT OR REPLACE INTO ${level.table}_reads (host, at, guest, ${readsColumns.join(', ')})
    SELECT host, ${bucket}, guest, ${sums}
    FROM ${finer.table}_reads WHERE ${ofEachHost} AND at >= ? AND at < ? GROUP BY host, ${bucket}, guest`
}

function bucketOf({ stepMs }: Level): string {
  return `at / ${stepMs} * ${stepMs}`
}
