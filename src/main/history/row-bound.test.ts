import { expect, it } from 'vitest'
import { openMemoryDatabase } from '../../../test/fakes/memory-database.ts'
import { MarkBound } from './mark-bound.ts'

it('keeps the newest marks of a host that tells without an end, and all of another', () => {
  const database = openMemoryDatabase()
  const insert = database.prepare("INSERT INTO mark (host, at, kind, text) VALUES (?, ?, 'guest', ?)")
  const bound = new MarkBound(database, 100)
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
    tell(2, 0, 150)
    bound.dropBeyond()
    expect([kept(1), kept(2)]).toEqual([
      { count: 100, oldest: 4900 },
      { count: 150, oldest: 0 },
    ])
    tell(1, 5000, 5000)
    bound.dropBeyond()
    expect(kept(1)).toEqual({ count: 100, oldest: 9900 })
  } finally {
    database.close()
  }
})
