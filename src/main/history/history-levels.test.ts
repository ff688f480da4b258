import type { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fakeSample } from '../../../test/fakes/fake-sample.ts'
import { openMemoryDatabase } from '../../../test/fakes/memory-database.ts'
import { levels } from './history-schema.ts'
import { HistoryStore } from './history-store.ts'
import { measureInterval } from './interval.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
/** Divisible by every step, so that buckets begin here. */
const start = 1_800_000_000_000 - (1_800_000_000_000 % (15 * minute))

let database: DatabaseSync
let store: HistoryStore
beforeEach(() => {
  database = openMemoryDatabase()
  store = new HistoryStore(database)
})
afterEach(() => store.close())

/** A sample every ten seconds for half an hour, the swap in use as `swapUsedBytes` says. */
function sampleHalfAnHour(swapUsedBytes: (at: number) => number): void {
  for (let at = start; at < start + 30 * minute; at += 10_000) {
    store.addInterval(
      'h',
      measureInterval(undefined, fakeSample({ at, gauges: { swapUsedBytes: swapUsedBytes(at) } })),
    )
  }
}

const countRows = (table: string) => Number(database.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.n)
const mostIn = (table: string) =>
  Number(
    database.prepare(`SELECT max(coalesce(swapUsedBytesMax, swapUsedBytes)) AS most FROM ${table}`).get()
      ?.most,
  )
const tidyAt = (now: number) => store.tidy(now, now)
const swapOver = (from: number, to: number, now: number) =>
  store.series({ hostId: 'h', from, to, points: 5000, metrics: ['swapUsedBytes'] }, now).metrics
    .swapUsedBytes ?? []

describe('levels of history', () => {
  it('keep a range that the page offers, read a moment after it ended', () => {
    for (const range of [6 * hour, day, 7 * day, 30 * day]) {
      const level = levels.find(({ keptMs }) => keptMs >= range)
      expect((level?.keptMs ?? 0) - range, String(range)).toBeGreaterThanOrEqual(hour / 2)
    }
  })

  it('keep a peak of one sample at every level, until after a year', () => {
    sampleHalfAnHour((at) => (at === start + 10_000 ? 9_000_000 : 1000))
    for (const after of [hour, 12 * hour, 3 * day, 20 * day, 200 * day]) {
      tidyAt(start + after)
      const most = levels.map(({ table }) => mostIn(table)).filter((value) => value > 0)
      expect(new Set(most), String(after)).toEqual(new Set([9_000_000]))
    }
    expect([
      countRows('raw'),
      countRows('tenSeconds'),
      countRows('minute'),
      countRows('fiveMinutes'),
    ]).toEqual([0, 0, 0, 0])
    expect(countRows('quarter')).toBe(2)
  })

  it('take over what an older build kept longer as samples, minutes and quarters, without a gap', () => {
    sampleHalfAnHour((at) => at - start)
    tidyAt(start + hour)
    database.exec(
      "DELETE FROM tenSeconds; DELETE FROM fiveMinutes; DELETE FROM rolled WHERE level IN ('tenSeconds', 'fiveMinutes')",
    )
    tidyAt(start + 20 * hour)
    expect(countRows('raw')).toBe(0)
    expect(swapOver(start, start + 30 * minute, start + 20 * hour)).toHaveLength(180)
    tidyAt(start + 10 * day)
    expect(swapOver(start, start + 30 * minute, start + 10 * day)).toEqual([
      145_000, 445_000, 745_000, 1_045_000, 1_345_000, 1_645_000,
    ])
  })

  it('store a least and a most only where they differ from the mean, and whole bytes', () => {
    sampleHalfAnHour((at) => (at < start + minute ? 4096 : 4096 + Math.round((at - start) / 7)))
    tidyAt(start + hour)
    const rows = database.prepare('SELECT swapUsedBytes AS mean, swapUsedBytesMin AS least FROM minute').all()
    expect(rows[0]).toEqual({ mean: 4096, least: null })
    expect(Number.isInteger(rows[1]?.mean)).toBe(true)
    expect(Number(rows[1]?.least)).toBeLessThan(Number(rows[1]?.mean))
  })
})
