// Series of a host that told of more guests, and more often, than a chart can draw.
import type { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openMemoryDatabase } from '../../../test/fakes/memory-database.ts'
import { levels } from './history-schema.ts'
import { otherGuests } from './kept-guests.ts'
import { readReads } from './read-reads.ts'
import { readSeries } from './read-series.ts'

const part = { level: levels[0], from: 0, to: 1000 }
let database: DatabaseSync

beforeEach(() => {
  database = openMemoryDatabase()
  const insert = database.prepare(
    'INSERT INTO raw_reads (host, at, guest, askedBytes, fetchedBytes) VALUES (1, ?, ?, ?, 1)',
  )
  // Guest 9 asks for most, guest 0 for least.
  for (let at = 0; at < 20; at += 2)
    for (let guest = 0; guest < 10; guest += 1) insert.run(at, `guest ${guest}`, guest)
})
afterEach(() => database.close())

const read = (rows: number, guests: number) => readReads(database, 1, [part], { rows, guests })
const asked = (rows: ReturnType<typeof read>) =>
  rows.reduce((sum, { values }) => sum + (values.askedBytes ?? 0), 0)

it('are as they were told, within the bounds', () => {
  const rows = read(100, 10)
  expect(rows).toHaveLength(100)
  expect(rows.map(({ at }) => at)).toEqual(rows.map(({ at }) => at).sort((a, b) => a - b))
  expect(rows.some(({ guest }) => guest === otherGuests)).toBe(false)
})

it.each([
  ['too many guests', 100, 2],
  ['too many rows', 99, 2],
  ['too many rows for the guests that ask for most', 25, 10],
])('name those that asked for most where there are %s, and lose nothing of the others', (_, rows, guests) => {
  const found = read(rows, guests)
  expect(new Set(found.map(({ guest }) => guest))).toEqual(new Set(['guest 9', 'guest 8', otherGuests]))
  expect(found.map(({ at }) => at)).toEqual(found.map(({ at }) => at).sort((a, b) => a - b))
  expect(asked(found)).toBe(asked(read(100, 10)))
})

it('name a guest that works much and reads little', () => {
  database.exec("UPDATE raw_reads SET cpuMs = iif(guest = 'guest 0', 900, 10)")
  expect(new Set(read(100, 2).map(({ guest }) => guest))).toEqual(
    new Set(['guest 9', 'guest 0', otherGuests]),
  )
})

it('are few where rows are too many, however many there are', () => {
  expect(read(25, 10).length).toBeLessThanOrEqual(30)
})

it('are as many as a day of many guests has', () => {
  const rows = 200_000
  database.exec(
    `INSERT INTO raw_reads (host, at, guest, askedBytes, fetchedBytes)
      WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < ${rows})
      SELECT 2, n / 100, 'guest ' || (n % 100), 10, 5 FROM counted;
    INSERT INTO raw (host, at) VALUES (2, 0), (2, 1999)`,
  )
  const { guestHitRatio } = readSeries(
    database,
    2,
    { hostId: 'h', from: 0, to: 2000, points: 2, metrics: [] },
    2000,
  )
  expect(Object.keys(guestHitRatio)).toHaveLength(100)
  expect(guestHitRatio['guest 7']).toEqual([0.5, 0.5])
})
