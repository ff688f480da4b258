import { expect, it } from 'vitest'
import { openMemoryDatabase } from '../../../test/fakes/memory-database.ts'
import { tablesOfHosts } from './history-schema.ts'
import { HistoryStore } from './history-store.ts'

const now = 1_800_000_000_000
/** What a row needs beside its host and its time. */
const others: Readonly<Record<string, string>> = {
  event: ", kind = 'scrub'",
  mark: ", kind = 'guest', text = 'started'",
  policy_note: ", since = 5, sequence = 1, text = 'scrubs', mode = 'service'",
}

it('drops the rows of hosts that are gone from every table, and of no other', () => {
  const database = openMemoryDatabase()
  const store = new HistoryStore(database)
  const hostsIn = (table: string) =>
    database
      .prepare(`SELECT DISTINCT host FROM ${table} ORDER BY host`)
      .all()
      .map(({ host }) => host)
  const add = (table: string, host: number) => {
    const parts = `host = ${host}, at = ${now}${others[table] ?? ''}`.split(', ')
    if (table.endsWith('_reads')) parts.push("guest = 'g'")
    const [names, values] = [0, 1].map((side) => parts.map((part) => part.split(' = ')[side]).join(', '))
    database.exec(`INSERT INTO ${table} (${names}) VALUES (${values})`)
  }
  try {
    database.exec("INSERT INTO host (id, key) VALUES (2, 'kept'), (4, 'kept as well')")
    for (const table of tablesOfHosts) for (const host of [1, 2, 3, 4, 5]) add(table, host)
    store.tidy(now, now)
    for (const table of tablesOfHosts) expect([table, hostsIn(table)]).toEqual([table, [2, 4]])
  } finally {
    store.close()
  }
})

it('knows nothing of a host that was removed under the number of the next', () => {
  const database = openMemoryDatabase()
  const store = new HistoryStore(database)
  try {
    store.addMark('h', { at: now, kind: 'guest', text: 'started' })
    // As another process removes it, while this one still has its number.
    database.exec('DELETE FROM host')
    store.addMark('h', { at: now + 1, kind: 'guest', text: 'ended' })
    store.tidy(now, now)
    store.addMark('next', { at: now, kind: 'guest', text: 'booted' })
    expect(store.marks({ hostId: 'next', from: 0, to: now + 1 }).map(({ text }) => text)).toEqual(['booted'])
  } finally {
    store.close()
  }
})
