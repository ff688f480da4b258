// The history database. Blocks while it works: it runs in history-worker.ts.
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { z } from 'zod'
import {
  type Assessment,
  assessment,
  type ScrubResult,
  type Series,
  scrubResult,
} from '../../shared/contract/index.ts'
import { Problem } from '../../shared/problem.ts'
import type { Remembered, SeriesQuery } from './history.ts'
import { createTables, type Level, levels, rowColumns } from './history-schema.ts'
import { gaugeNames, type Interval, sumNames } from './interval.ts'
import { dropOld, rolledUntil, rollUp } from './rollup.ts'
import { buildSeries, type HistoryRow, type ReadsRow, type StepEvent } from './series.ts'
import { leftAfterScrub, type WhatIsLeft } from './what-is-left.ts'

const nullable = z.number().nullable()
const rowShape = z.object({
  at: z.number(),
  ...Object.fromEntries(rowColumns.map((name) => [name, nullable])),
})
const readsShape = z.object({
  at: z.number(),
  guest: z.string(),
  askedBytes: z.number(),
  fetchedBytes: z.number(),
})
const eventShape = z.object({ at: z.number(), doubleCachedBytes: nullable, reclaimableBytes: nullable })
const documentShape = z.object({ document: z.string() })

/** Rows that a query reads at most per level: a day of samples, a month of minutes, a year of quarters. */
const mostRows = 45_000
const sampleMs = 2000

export class HistoryStore {
  readonly #database: DatabaseSync
  readonly #hostNumbers = new Map<string, number>()
  readonly #insertRow
  readonly #insertReads
  readonly #insertEvent

  constructor(path: string) {
    this.#database = new DatabaseSync(path)
    createTables(this.#database)
    const marks = rowColumns.map(() => '?').join(', ')
    const into = 'INSERT OR REPLACE INTO'
    this.#insertRow = this.#database.prepare(
      `${into} raw (host, at, ${rowColumns.join(', ')}) VALUES (?, ?, ${marks})`,
    )
    this.#insertReads = this.#database.prepare(`${into} raw_reads VALUES (?, ?, ?, ?, ?)`)
    this.#insertEvent = this.#database.prepare(`${into} event VALUES (?, ?, ?, ?, ?, ?)`)
  }

  /** All or nothing. */
  inTransaction(work: () => void): void {
    this.#database.exec('BEGIN IMMEDIATE')
    try {
      work()
      this.#database.exec('COMMIT')
    } catch (error) {
      this.#database.exec('ROLLBACK')
      // Numbers given out in it are gone with it.
      this.#hostNumbers.clear()
      throw error
    }
  }

  addInterval(hostId: string, { at, gauges, sums, reads }: Interval): void {
    const host = this.#hostNumber(hostId)
    // Only rolled-up rows have a least and a most of their own.
    const values: SQLInputValue[] = [
      ...gaugeNames.flatMap((name) => [gauges[name], null, null]),
      ...sumNames.map((name) => sums[name]),
    ]
    this.#insertRow.run(host, Math.round(at), ...values)
    for (const { guest, askedBytes, fetchedBytes } of reads) {
      this.#insertReads.run(host, Math.round(at), guest, askedBytes, fetchedBytes)
    }
  }

  addAssessment(hostId: string, at: number, document: Assessment): void {
    const { doubleCachedBytes, reclaimableBytes } = document.totals
    const host = this.#hostNumber(hostId)
    this.#insertEvent.run(
      host,
      at,
      'assessment',
      doubleCachedBytes,
      reclaimableBytes,
      JSON.stringify(document),
    )
  }

  /** `whole`: every image was asked for. */
  addScrub(hostId: string, at: number, document: ScrubResult, whole: boolean): void {
    const host = this.#hostNumber(hostId)
    const before = this.#left(host, at) ?? {}
    const { doubleCachedBytes, reclaimableBytes } = leftAfterScrub(before, document.totals, whole)
    this.#insertEvent.run(
      host,
      at,
      'scrub',
      doubleCachedBytes ?? null,
      reclaimableBytes ?? null,
      JSON.stringify(document),
    )
  }

  /** Documents of another version, which do not parse, are as good as none. */
  remembered(hostId: string): Remembered {
    const host = this.#hostNumber(hostId)
    const firstAssessment = assessment.safeParse(this.#document(host, 'assessment', 'ASC')).data
    const last = assessment.safeParse(this.#document(host, 'assessment', 'DESC')).data
    const scrub = scrubResult.safeParse(this.#document(host, 'scrub', 'DESC')).data
    const left = this.#left(host, Number.MAX_SAFE_INTEGER)
    return {
      ...(firstAssessment && { firstAssessment }),
      ...(last && { assessment: last }),
      ...(scrub && { scrub }),
      ...(left && { left }),
    }
  }

  series(query: SeriesQuery, now: number): Series {
    const { from, to, points } = query
    if (to <= from || points < 2) {
      throw new Problem('bad-input', 'cannot build a series: it needs a range of time and at least 2 points')
    }
    const host = this.#hostNumber(query.hostId)
    const level = chooseLevel(from, to, now)
    const rows: HistoryRow[] = []
    const reads: ReadsRow[] = []
    for (const [part, start, end] of this.#parts(level, from, to)) {
      rows.push(...this.#rows(part, host, start, end))
      reads.push(...this.#reads(part, host, start, end))
    }
    const gapMs = 4 * Math.max(sampleMs, levels[level]?.stepMs ?? 0)
    return buildSeries(query, { rows, reads, events: this.#events(host, from, to), gapMs })
  }

  forget(hostId: string): void {
    const host = this.#hostNumber(hostId)
    const tables = [...levels.flatMap(({ table }) => [table, `${table}_reads`]), 'event']
    for (const table of tables) this.#database.prepare(`DELETE FROM ${table} WHERE host = ?`).run(host)
    this.#database.prepare('DELETE FROM host WHERE id = ?').run(host)
    this.#hostNumbers.delete(hostId)
  }

  tidy(now: number): void {
    this.inTransaction(() => {
      rollUp(this.#database, now)
      dropOld(this.#database, now)
    })
  }

  close(): void {
    this.#database.close()
  }

  /** Coarse rows as far as they are complete, then finer ones up to now. */
  *#parts(level: number, from: number, to: number): Generator<[Level, number, number]> {
    let start = from
    for (const part of levels.slice(0, level + 1).toReversed()) {
      const end = part.stepMs === 0 ? to + 1 : Math.min(to + 1, rolledUntil(this.#database, part))
      if (end > start) yield [part, start, end]
      start = Math.max(start, end)
    }
  }

  #rows({ table }: Level, host: number, from: number, to: number): HistoryRow[] {
    const statement = this.#database.prepare(
      `SELECT at, ${rowColumns.join(', ')} FROM ${table} WHERE host = ? AND at >= ? AND at < ? ORDER BY at`,
    )
    return z
      .array(rowShape)
      .parse(statement.all(host, from, to))
      .map(({ at, ...values }) => ({ at, values: values as Record<string, number | null> }))
  }

  #reads({ table }: Level, host: number, from: number, to: number): ReadsRow[] {
    const statement = this.#database.prepare(
      `SELECT at, guest, askedBytes, fetchedBytes FROM ${table}_reads WHERE host = ? AND at >= ? AND at < ? ORDER BY at`,
    )
    return z.array(readsShape).parse(statement.all(host, from, to))
  }

  #events(host: number, from: number, to: number): StepEvent[] {
    const columns = 'SELECT at, doubleCachedBytes, reclaimableBytes FROM event WHERE host = ? AND at'
    const earlier = this.#database.prepare(`${columns} <= ? ORDER BY at DESC LIMIT 1`).all(host, from)
    const inside = this.#database.prepare(`${columns} > ? AND at <= ? ORDER BY at`).all(host, from, to)
    return z.array(eventShape).parse([...earlier, ...inside])
  }

  #left(host: number, at: number): WhatIsLeft | undefined {
    const last = this.#events(host, at, at).at(-1)
    return (
      last && {
        ...(last.doubleCachedBytes !== null && { doubleCachedBytes: last.doubleCachedBytes }),
        ...(last.reclaimableBytes !== null && { reclaimableBytes: last.reclaimableBytes }),
      }
    )
  }

  #document(host: number, kind: string, order: 'ASC' | 'DESC'): unknown {
    const row = this.#database
      .prepare(
        `SELECT document FROM event WHERE host = ? AND kind = ? AND document IS NOT NULL ORDER BY at ${order} LIMIT 1`,
      )
      .get(host, kind)
    return row === undefined ? undefined : JSON.parse(documentShape.parse(row).document)
  }

  #hostNumber(hostId: string): number {
    const known = this.#hostNumbers.get(hostId)
    if (known !== undefined) return known
    this.#database.prepare('INSERT OR IGNORE INTO host (key) VALUES (?)').run(hostId)
    const row = this.#database.prepare('SELECT id FROM host WHERE key = ?').get(hostId)
    const { id } = z.object({ id: z.number() }).parse(row)
    this.#hostNumbers.set(hostId, id)
    return id
  }
}

/** The finest level that still has `from` and does not take too many rows. */
function chooseLevel(from: number, to: number, now: number): number {
  const index = levels.findIndex(
    ({ stepMs, keptMs }) => now - from <= keptMs && (to - from) / Math.max(sampleMs, stepMs) <= mostRows,
  )
  return index < 0 ? levels.length - 1 : index
}
