// How SQLite finds what is to be rolled up or dropped. Each minute it is asked to, whatever a hundred hosts have kept.
import type { StatementSync } from 'node:sqlite'
import { expect, it, vi } from 'vitest'
import { z } from 'zod'
import { openMemoryDatabase } from '../../../test/fakes/memory-database.ts'
import { dropNotes } from './policy-notes.ts'
import { dropOld, rollUp } from './rollup.ts'

const steps = z.array(z.object({ detail: z.string() }))

it('tidies by the keys of tables: no statement walks through all that is kept', () => {
  const database = openMemoryDatabase()
  const prepare = database.prepare.bind(database)
  const asked: string[] = []
  vi.spyOn(database, 'prepare').mockImplementation((sql: string): StatementSync => {
    asked.push(sql)
    return prepare(sql)
  })
  rollUp(database, 1_800_000_000_000)
  dropOld(database, 1_800_000_000_000)
  dropNotes(database, 1_800_000_000_000)
  const changing = asked.filter((sql) => /DELETE FROM|SELECT host/.test(sql))
  expect(changing).toHaveLength(2 * 4 + 2 * 5 + 3)
  for (const sql of changing) {
    const details = steps.parse(prepare(`EXPLAIN QUERY PLAN ${sql}`).all()).map(({ detail }) => detail)
    expect(details.join('\n')).toMatch(/^SEARCH \w+ USING .*\(host=\? AND at/m)
    expect(details.filter((detail) => /^SCAN (?!host\b)/.test(detail))).toEqual([])
  }
  database.close()
})
