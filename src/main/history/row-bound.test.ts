import { expect, it } from 'vitest'
import { openMemoryDatabase } from '../../../test/fakes/memory-database.ts'
import { RowBound } from './row-bound.ts'

it('keeps the newest marks of a host that tells without an end, and all of one that tells little', () => {
  const database = openMemoryDatabase()
  const insert = database.prepare("INSERT INTO mark (host, at, kind, text) VALUES (?, ?, 'guest', ?)")
  const bound = new RowBound(database, { table: 'mark', most: 100 })
  const tell = (host: number, from: number, count: number) => {
    for (let at = from; at < from + count; at += 1) {
      insert.run(host, at, `guest ${at} started`)
      bound.noteAdded(host)
    }
  }
  const kept = (host: number) =>
    database.prepare('SELECT count(*) AS count, min(at) AS oldest FROM mark WHERE host = ?').get(host)
  try {
    tell(1, 0, 5000)
    tell(2, 0, 50)
    bound.dropBeyond()
    expect([kept(1), kept(2)]).toEqual([
      { count: 100, oldest: 4900 },
      { count: 50, oldest: 0 },
    ])
    tell(1, 5000, 5000)
    // Not looked at again for so few.
    tell(2, 50, 150)
    bound.dropBeyond()
    expect([kept(1), kept(2)]).toEqual([
      { count: 100, oldest: 9900 },
      { count: 200, oldest: 0 },
    ])
  } finally {
    database.close()
  }
})

it('looks at a host once in each process, however little it tells there', () => {
  const database = openMemoryDatabase()
  const insert = database.prepare("INSERT INTO mark (host, at, kind, text) VALUES (1, ?, 'guest', 'started')")
  try {
    for (let at = 0; at < 500; at += 1) insert.run(at)
    const bound = new RowBound(database, { table: 'mark', most: 100 })
    insert.run(500)
    bound.noteAdded(1)
    bound.dropBeyond()
    expect(database.prepare('SELECT count(*) AS count FROM mark').get()).toEqual({ count: 100 })
  } finally {
    database.close()
  }
})
