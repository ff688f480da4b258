// Reads the rows of a series from the tables: the level that fits the range, finer ones where it is not complete yet.
import type { DatabaseSync } from 'node:sqlite'
import { z } from 'zod'
import type { Series } from '../../shared/contract/index.ts'
import { Problem } from '../../shared/problem.ts'
import type { SeriesQuery } from './history.ts'
import { levels, type Part, rowColumns } from './history-schema.ts'
import { readReads } from './read-reads.ts'
import { rolledUntil } from './rollup.ts'
import { buildSeries, type HistoryRow, type StepEvent } from './series.ts'

const nullable = z.number().nullable()
const rowShape = z.object({
  at: z.number(),
  ...Object.fromEntries(rowColumns.map((name) => [name, nullable])),
})
const eventShape = z.object({ at: z.number(), doubleCachedBytes: nullable, reclaimableBytes: nullable })

/** Rows that a query reads at most per level: a day of samples, a month of minutes, a year of quarters. */
const maxRows = 45_000
const sampleMs = 2000

/** Throws `bad-input` for a range without length or fewer than 2 points. */
export function readSeries(database: DatabaseSync, host: number, query: SeriesQuery, now: number): Series {
  const { from, to, points } = query
  if (to <= from || points < 2) {
    throw new Problem('bad-input', 'cannot build a series: it needs a range of time and at least 2 points')
  }
  const index = chooseLevel(from, to, now)
  const parts = [...partsOf(database, index, from, to)]
  const rows = parts.flatMap((part) => readRows(database, host, part))
  const reads = readReads(database, host, parts)
  const gapMs = 4 * Math.max(sampleMs, levels[index]?.stepMs ?? 0)
  return buildSeries(query, { rows, reads, events: readEvents(database, host, from, to), gapMs })
}

/** The finest level that still has `from` and does not take too many rows. */
function chooseLevel(from: number, to: number, now: number): number {
  const index = levels.findIndex(
    ({ stepMs, keptMs }) => now - from <= keptMs && (to - from) / Math.max(sampleMs, stepMs) <= maxRows,
  )
  return index < 0 ? levels.length - 1 : index
}

/** Coarse rows as far as they are complete, then finer ones up to now. */
export function* partsOf(database: DatabaseSync, index: number, from: number, to: number): Generator<Part> {
  let start = from
  for (const level of levels.slice(0, index + 1).toReversed()) {
    const end = level.stepMs === 0 ? to + 1 : Math.min(to + 1, rolledUntil(database, level))
    if (end > start) yield { level, from: start, to: end }
    start = Math.max(start, end)
  }
}

function readRows(database: DatabaseSync, host: number, { level, from, to }: Part): HistoryRow[] {
  const statement = database.prepare(
    `SELECT at, ${rowColumns.join(', ')} FROM ${level.table} WHERE host = ? AND at >= ? AND at < ? ORDER BY at`,
  )
  return z
    .array(rowShape)
    .parse(statement.all(host, from, to))
    .map(({ at, ...values }) => ({ at, values: values as Record<string, number | null> }))
}

/** In order of time, beginning with the last one before the range. */
export function readEvents(database: DatabaseSync, host: number, from: number, to: number): StepEvent[] {
  const columns = 'SELECT at, doubleCachedBytes, reclaimableBytes FROM event WHERE host = ? AND at'
  const earlier = database.prepare(`${columns} <= ? ORDER BY at DESC LIMIT 1`).all(host, from)
  const inside = database.prepare(`${columns} > ? AND at <= ? ORDER BY at`).all(host, from, to)
  return z.array(eventShape).parse([...earlier, ...inside])
}
