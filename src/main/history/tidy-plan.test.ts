// How SQLite finds what is to be rolled up or dropped. Each minute it is asked to, whatever a hundred hosts have kept.
import type { DatabaseSync } from 'node:sqlite'
import { expect, it, vi } from 'vitest'
import { z } from 'zod'
import { openMemoryDatabase } from '../../../test/fakes/memory-database.ts'
import { levels, tablesOfHosts } from './history-schema.ts'
import { HistoryStore } from './history-store.ts'

const steps = z.array(z.object({ detail: z.string() }))
const now = 1_800_000_000_000
/** Of hosts, of what a statement has found itself, and of the few events that have their document still. */
const shortWalks = /^SCAN (host\b|host_of_row\b|\(|event USING (COVERING )?INDEX event_document$)/

it('tidies by the keys of tables: no statement walks through all that is kept', () => {
  const database = openMemoryDatabase()
  const store = new HistoryStore(database)
  store.addMark('h', { at: now, kind: 'guest', text: 'started' })
  store.addNotes('h', [{ at: now, since: 5, mode: 'service', sequence: 1, text: 'scrubs' }])
  const asked = noteStatements(database)
  store.tidy(now, now)
  const changing = [...asked].filter((sql) => /DELETE FROM|UPDATE|SELECT host/.test(sql))
  const rolledUp = levels.length - 1
  // Rows of no host, rolled up, old, without their document, old notes, more than a bound.
  expect(changing).toHaveLength(tablesOfHosts.length + 2 * rolledUp + 2 * levels.length + 2 + 1 + 1 + 2)
  for (const sql of changing) {
    const details = steps
      .parse(database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all())
      .map(({ detail }) => detail)
    expect(details.join('\n')).toMatch(/^SEARCH \w+ USING .*\(host=\?/m)
    expect(details.filter((detail) => detail.startsWith('SCAN') && !shortWalks.test(detail))).toEqual([])
  }
  store.close()
})

/** What is prepared, and what is run at once. */
function noteStatements(database: DatabaseSync): Iterable<string> {
  const asked: string[] = []
  for (const name of ['prepare', 'exec'] as const) {
    const ask = database[name].bind(database) as (sql: string) => never
    vi.spyOn(database, name).mockImplementation((sql: string) => {
      asked.push(sql)
      return ask(sql)
    })
  }
  return asked
}
