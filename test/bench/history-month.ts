// What history holds of a host after a month of samples every two seconds, rolled up every hour as the workbench does.
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HistoryStore } from '../../src/main/history/history-store.ts'
import { measureInterval } from '../../src/main/history/interval.ts'
import { openDatabase } from '../../src/main/history/open-database.ts'
import { sampleOf } from '../replay/hosts/replayed-host.ts'

const hourMs = 3_600_000
const hours = 30 * 24
const sampleMs = 2000
/** When the month begins; any time does, as a replayed host follows from its seconds. */
const start = Date.UTC(2026, 9, 1)

/** Bytes of the file. Takes a minute. */
export function measureHistoryMonth(guests: number): number {
  const folder = mkdtempSync(join(tmpdir(), 'singleton-month-'))
  try {
    const path = join(folder, 'history.sqlite')
    const database = openDatabase(path, (problem) => {
      throw problem
    })
    const store = new HistoryStore(database)
    for (let hour = 0; hour < hours; hour += 1) writeHour(store, start + hour * hourMs, guests)
    database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    store.close()
    return statSync(path).size
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function writeHour(store: HistoryStore, from: number, guests: number): void {
  const host = { index: 0, guests }
  store.inTransaction(() => {
    let before = sampleOf(host, from / 1000, from)
    for (let at = from + sampleMs; at <= from + hourMs; at += sampleMs) {
      const sample = { ...sampleOf(host, at / 1000, at), arrivedAt: at }
      store.addInterval('month', measureInterval(before, sample))
      before = sample
    }
  })
  store.tidy(from + hourMs, from + hourMs)
}
