// A month of history of many hosts, as sampling every two seconds leaves it in the file. Rolled up hour by hour, to save time.
import { rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { levels, readsColumns, rowColumns } from '../../../src/main/history/history-schema.ts'
import { HistoryStore } from '../../../src/main/history/history-store.ts'
import { measureInterval } from '../../../src/main/history/interval.ts'
import { openDatabase } from '../../../src/main/history/open-database.ts'
import { wallClock } from '../../../src/shared/time/wall-clock.ts'
import { replayedId } from '../../replay/hosts/replayed-fleet.ts'
import { assessmentOf, type ReplayedHost, sampleOf } from '../../replay/hosts/replayed-host.ts'

const secondMs = 1000
const hourMs = 3_600_000
const dayMs = 24 * hourMs
export const monthDays = 30
/** As the workbench samples. */
const sampleMs = 2 * secondMs
/**
 * Of what is rolled up to a minute and more already: the sums are the same, and the least and the most of a minute are of six
 * samples instead of thirty.
 */
const sparseMs = 10 * secondMs
/** What the two finest levels keep, and an hour. */
const denseHours = 27
const lastMs = 20 * 60 * secondMs

interface Months {
  readonly hosts: number
  readonly guests: number
}

/** Writes `folder`/history.sqlite with a month of each host, and an assessment a day. Returns the bytes of the file. */
export function writeMonths(folder: string, { hosts, guests }: Months): number {
  const now = wallClock()
  const path = join(folder, 'history.sqlite')
  const one = join(folder, 'month-of-one.sqlite')
  writeMonthOfOne(one, guests, now)
  copyToAll(path, one, hosts)
  rmSync(one)
  const store = new HistoryStore(openOrThrow(path))
  store.inTransaction(() => {
    for (let index = 0; index < hosts; index += 1) addAssessments(store, { index, guests }, now)
  })
  store.tidy(now, now)
  store.close()
  return statSync(path).size
}

function openOrThrow(path: string) {
  return openDatabase(path, (problem) => {
    throw problem
  })
}

function writeMonthOfOne(path: string, guests: number, now: number): void {
  const database = openOrThrow(path)
  const store = new HistoryStore(database)
  for (let hour = monthDays * 24; hour > 0; hour -= 1) {
    const from = now - hour * hourMs
    const to = from + hourMs
    addSamples(store, { index: 0, guests }, { from, to, stepMs: hour > denseHours ? sparseMs : sampleMs })
    store.tidy(to, to)
  }
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  store.close()
}

interface Span {
  readonly from: number
  readonly to: number
  readonly stepMs: number
}

function addSamples(store: HistoryStore, host: ReplayedHost, { from, to, stepMs }: Span): void {
  store.inTransaction(() => {
    let before = sampleOf(host, from / 1000, from)
    for (let at = from + stepMs; at <= to; at += stepMs) {
      const sample = { ...sampleOf(host, at / 1000, at), arrivedAt: at }
      store.addInterval(replayedId(host.index), measureInterval(before, sample))
      before = sample
    }
  })
}

/**
 * Row by row in turn, as hosts that are sampled at once fill the file: pages of the tables are split in their middle then,
 * and hold less than those of a host that has the file for itself.
 */
function copyToAll(path: string, one: string, hosts: number): void {
  const database = openOrThrow(path)
  database.exec('PRAGMA journal_mode = OFF; PRAGMA cache_size = -262144')
  database.prepare('ATTACH ? AS one').run(one)
  const insertHost = database.prepare('INSERT INTO host (key) VALUES (?)')
  for (let index = 0; index < hosts; index += 1) insertHost.run(replayedId(index))
  const copy = (table: string, columns: readonly string[]) => {
    const named = columns.join(', ')
    database.exec(`INSERT INTO main.${table} (host, ${named})
      SELECT host.id, ${named} FROM one.${table} CROSS JOIN main.host`)
  }
  database.exec('BEGIN')
  for (const { table } of levels) {
    copy(table, ['at', ...rowColumns])
    copy(`${table}_reads`, ['at', 'guest', ...readsColumns])
  }
  database.exec('INSERT INTO main.rolled SELECT * FROM one.rolled; COMMIT; DETACH one')
  database.close()
}

function addAssessments(store: HistoryStore, host: ReplayedHost, now: number): void {
  for (let day = monthDays - 1; day >= 0; day -= 1) addAssessment(store, host, now - day * dayMs - hourMs)
}

function addAssessment(store: HistoryStore, host: ReplayedHost, at: number): void {
  store.addAssessment(replayedId(host.index), at, { ...assessmentOf(host, at / 1000, at), arrivedAt: at })
}

/** Instead of that host's last minutes, which the first range of charts shows: its own number of guests, and assessed. */
export function rewriteLastMinutes(folder: string, host: ReplayedHost): void {
  const now = wallClock()
  const from = now - lastMs
  const database = openOrThrow(join(folder, 'history.sqlite'))
  for (const table of ['raw', 'raw_reads']) {
    database
      .prepare(`DELETE FROM ${table} WHERE host = (SELECT id FROM host WHERE key = ?) AND at > ?`)
      .run(replayedId(host.index), from)
  }
  const store = new HistoryStore(database)
  addSamples(store, host, { from, to: now, stepMs: sampleMs })
  addAssessment(store, host, now)
  store.close()
}
