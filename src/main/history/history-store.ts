// The history database. Blocks while it works: it runs in history-worker.ts.
import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import { z } from 'zod'
import { most } from '../../shared/contract/bounded.ts'
import {
  type Assessment,
  assessment,
  gaugeNames,
  type Mark,
  marks,
  type PolicyNote,
  type ScrubResult,
  type Series,
  scrubResult,
  sumNames,
} from '../../shared/contract/index.ts'
import { withValue } from '../../shared/with-value.ts'
import { dropOrphans } from './drop-orphans.ts'
import { guestValues } from './guest-values.ts'
import type { MarksQuery, Means, MeansQuery, Remembered, SeriesQuery } from './history.ts'
import {
  levels,
  newestFirst,
  oldestFirst,
  readsColumns,
  rowColumns,
  tablesOfHosts,
} from './history-schema.ts'
import type { Interval } from './interval.ts'
import { addNotes, dropNotes, type KeptNote, maxNotes, readNotes } from './policy-notes.ts'
import { readMeans } from './read-means.ts'
import { readSeries } from './read-series.ts'
import { dropOld, reopenFrom, rolledUntil, rollUp } from './rollup.ts'
import { RowBound } from './row-bound.ts'
import { leftAfterScrub, type WhatIsLeft } from './what-is-left.ts'

const leftShape = z.object({
  doubleCachedBytes: z.number().nullable(),
  reclaimableBytes: z.number().nullable(),
})
const serialShape = z.object({ last: z.number() })
/** Of each host: years of a usual one. */
const maxMarks = 50_000
const documentShape = z.object({ at: z.number(), document: z.string() })

export class HistoryStore {
  readonly #database: DatabaseSync
  readonly #hostNumbers = new Map<string, number>()
  readonly #insertRow
  readonly #insertReads
  readonly #insertEvent
  readonly #markBound: RowBound
  readonly #noteBound: RowBound
  /** Samples from before this belong to minutes that were rolled up already: the wall clock went back. */
  #rolledUntil: number
  #lastSerial: number

  /** Owns the database from now on: open-database.ts. */
  constructor(database: DatabaseSync) {
    this.#database = database
    this.#markBound = new RowBound(database, { table: 'mark', most: maxMarks })
    this.#noteBound = new RowBound(database, { table: 'policy_note', most: maxNotes })
    this.#rolledUntil = rolledUntil(database, levels[1])
    const { last } = serialShape.parse(
      database.prepare('SELECT coalesce(max(serial), 0) AS last FROM event').get(),
    )
    this.#lastSerial = last
    const marks = rowColumns.map(() => '?').join(', ')
    const into = 'INSERT OR REPLACE INTO'
    this.#insertRow = this.#database.prepare(
      `${into} raw (host, at, ${rowColumns.join(', ')}) VALUES (?, ?, ${marks})`,
    )
    this.#insertReads = this.#database.prepare(
      `${into} raw_reads (host, at, guest, ${readsColumns.join(', ')})
        VALUES (?, ?, ?, ${readsColumns.map(() => '?').join(', ')})`,
    )
    this.#insertEvent = this.#database.prepare(
      `${into} event (host, at, kind, doubleCachedBytes, reclaimableBytes, document, serial)
        VALUES (?, ?, ?, ?, ?, ?, ?)`,
    )
  }

  /** All or nothing. */
  inTransaction(work: () => void): void {
    this.#database.exec('BEGIN IMMEDIATE')
    try {
      work()
      this.#database.exec('COMMIT')
    } catch (error) {
      // A full disk has rolled the transaction back already.
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
      // Numbers given out in it are gone with it.
      this.#hostNumbers.clear()
      this.#rolledUntil = rolledUntil(this.#database, levels[1])
      throw error
    }
  }

  addInterval(hostId: string, interval: Interval): void {
    const { at, gauges, sums } = interval
    const host = this.#hostNumber(hostId)
    if (at < this.#rolledUntil) {
      reopenFrom(this.#database, at)
      this.#rolledUntil = rolledUntil(this.#database, levels[1])
    }
    // Only rolled-up rows have a least and a most of their own.
    const values: SQLInputValue[] = [
      ...gaugeNames.flatMap((name) => [gauges[name], null, null]),
      ...sumNames.map((name) => sums[name]),
    ]
    this.#insertRow.run(host, Math.round(at), ...values)
    for (const [guest, told] of guestValues(interval)) {
      const values = readsColumns.map((name) => told[name] ?? null)
      this.#insertReads.run(host, Math.round(at), guest, ...values)
    }
  }

  addAssessment(hostId: string, at: number, document: Assessment): void {
    this.#addEvent(hostId, 'assessment', at, document.totals, document)
  }

  /** `whole`: every image was asked for. */
  addScrub(hostId: string, at: number, document: ScrubResult, whole: boolean): void {
    const before = this.#left(this.#hostNumber(hostId)) ?? {}
    this.#addEvent(hostId, 'scrub', at, leftAfterScrub(before, document.totals, whole), document)
  }

  addMark(hostId: string, { at, kind, text }: Mark): void {
    const host = this.#hostNumber(hostId)
    this.#database
      .prepare('INSERT OR IGNORE INTO mark (host, at, kind, text) VALUES (?, ?, ?, ?)')
      .run(host, Math.round(at), kind, text)
    this.#markBound.noteAdded(host)
  }

  marks({ hostId, from, to }: MarksQuery): Mark[] {
    const rows = this.#database
      .prepare(
        'SELECT at, kind, text FROM mark WHERE host = ? AND at >= ? AND at <= ? ORDER BY at DESC LIMIT ?',
      )
      .all(this.#hostNumber(hostId), from, to, most.marks)
    return marks.parse(rows).reverse()
  }

  #addEvent(hostId: string, kind: string, at: number, left: WhatIsLeft, document: object): void {
    this.#lastSerial += 1
    this.#insertEvent.run(
      this.#hostNumber(hostId),
      at,
      kind,
      left.doubleCachedBytes ?? null,
      left.reclaimableBytes ?? null,
      JSON.stringify(document),
      this.#lastSerial,
    )
  }

  addNotes(hostId: string, notes: readonly KeptNote[]): void {
    const host = this.#hostNumber(hostId)
    addNotes(this.#database, host, notes)
    this.#noteBound.noteAdded(host, notes.length)
  }

  notes(hostId: string, limit: number): PolicyNote[] {
    return readNotes(this.#database, this.#hostNumber(hostId), limit)
  }

  /** Documents of another version, which do not parse, are as good as none. */
  remembered(hostId: string): Remembered {
    const host = this.#hostNumber(hostId)
    const firstAssessment = assessment.safeParse(this.#document(host, 'assessment', oldestFirst)).data
    const last = assessment.safeParse(this.#document(host, 'assessment', newestFirst)).data
    const scrub = scrubResult.safeParse(this.#document(host, 'scrub', newestFirst)).data
    const left = this.#left(host)
    return withValue({ firstAssessment, assessment: last, scrub, left })
  }

  /** Throws `bad-input` for a range without length or fewer than 2 points. */
  series(query: SeriesQuery, now: number): Series {
    return readSeries(this.#database, this.#hostNumber(query.hostId), query, now)
  }

  /** Throws `bad-input` for a range without length. */
  means(query: MeansQuery, now: number): Means {
    return readMeans(this.#database, this.#hostNumber(query.hostId), query, now)
  }

  forget(hostId: string): void {
    const host = this.#hostNumber(hostId)
    for (const table of tablesOfHosts) this.#database.prepare(`DELETE FROM ${table} WHERE host = ?`).run(host)
    this.#database.prepare('DELETE FROM host WHERE id = ?').run(host)
    this.#hostNumbers.delete(hostId)
  }

  /** Until when samples are rolled up: about when they were last written. 0: never. */
  get rolledUntil(): number {
    return this.#rolledUntil
  }

  /** Nothing younger than the levels keep at `oldestNow` is dropped, whatever the wall clock says `now`. */
  tidy(now: number, oldestNow: number): void {
    this.inTransaction(() => {
      dropOrphans(this.#database)
      rollUp(this.#database, now)
      dropOld(this.#database, Math.min(now, oldestNow))
      dropNotes(this.#database, Math.min(now, oldestNow))
      this.#markBound.dropBeyond()
      this.#noteBound.dropBeyond()
    })
    this.#rolledUntil = rolledUntil(this.#database, levels[1])
  }

  close(): void {
    this.#database.close()
  }

  /** What the last measurement said, in order of arrival. */
  #left(host: number): WhatIsLeft | undefined {
    const row = this.#database
      .prepare(
        `SELECT doubleCachedBytes, reclaimableBytes FROM event WHERE host = ? ORDER BY ${newestFirst} LIMIT 1`,
      )
      .get(host)
    if (row === undefined) return undefined
    const { doubleCachedBytes, reclaimableBytes } = leftShape.parse(row)
    return withValue({
      doubleCachedBytes: doubleCachedBytes ?? undefined,
      reclaimableBytes: reclaimableBytes ?? undefined,
    })
  }

  #document(host: number, kind: string, order: string): unknown {
    const row = this.#database
      .prepare(
        `SELECT at, document FROM event WHERE host = ? AND kind = ? AND document IS NOT NULL ORDER BY ${order} LIMIT 1`,
      )
      .get(host, kind)
    if (row === undefined) return undefined
    const { at, document } = documentShape.parse(row)
    try {
      // Earlier builds kept the time of arrival beside the document only.
      return { arrivedAt: at, ...JSON.parse(document) }
    } catch {
      return undefined
    }
  }

  #hostNumber(hostId: string): number {
    const known = this.#hostNumbers.get(hostId)
    if (known !== undefined) return known
    const find = this.#database.prepare('SELECT id FROM host WHERE key = ?')
    let row = find.get(hostId)
    if (row === undefined) {
      this.#database.prepare('INSERT OR IGNORE INTO host (key) VALUES (?)').run(hostId)
      row = find.get(hostId)
    }
    const { id } = z.object({ id: z.number() }).parse(row)
    this.#hostNumbers.set(hostId, id)
    return id
  }
}
