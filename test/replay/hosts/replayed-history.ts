// What a workbench has kept of replayed hosts, written as it would have: samples, marks, assessments, rolled up.
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { HistoryStore } from '../../../src/main/history/history-store.ts'
import { measureInterval } from '../../../src/main/history/interval.ts'
import { openDatabase } from '../../../src/main/history/open-database.ts'
import { wallClock } from '../../../src/shared/wall-clock.ts'
import { replayedId } from './replayed-fleet.ts'
import { assessmentOf, type ReplayedHost, sampleOf } from './replayed-host.ts'

export interface ReplayedSpan {
  /** Milliseconds before now. */
  readonly fromAgo: number
  readonly toAgo: number
  readonly stepMs: number
}

/** Returns the bytes of the file. */
export function writeReplayedHistory(
  folder: string,
  hosts: readonly ReplayedHost[],
  spans: readonly ReplayedSpan[],
): number {
  const path = join(folder, 'history.sqlite')
  const fail = (problem: Error) => {
    throw problem
  }
  const store = new HistoryStore(openDatabase(path, fail))
  const now = wallClock()
  for (const host of hosts) {
    for (const { fromAgo, toAgo, stepMs } of spans)
      writeSpan(store, host, { from: now - fromAgo, to: now - toAgo, stepMs })
    writeEvents(store, host, now)
  }
  store.tidy(now, now)
  store.close()
  return statSync(path).size
}

interface Span {
  readonly from: number
  readonly to: number
  readonly stepMs: number
}

function writeSpan(store: HistoryStore, host: ReplayedHost, { from, to, stepMs }: Span): void {
  store.inTransaction(() => {
    let before = sampleOf(host, from / 1000, from)
    for (let at = from + stepMs; at < to; at += stepMs) {
      const sample = { ...sampleOf(host, at / 1000, at), arrivedAt: at }
      store.addInterval(replayedId(host.index), measureInterval(before, sample))
      before = sample
    }
  })
}

const minute = 60_000

function writeEvents(store: HistoryStore, host: ReplayedHost, now: number): void {
  const hostId = replayedId(host.index)
  const at = now - 11 * minute
  store.addAssessment(hostId, at, { ...assessmentOf(host, at / 1000, at), arrivedAt: at })
  store.addMark(hostId, { at, kind: 'assessment', text: 'assessed: 4.9 GiB reclaimable' })
  store.addMark(hostId, { at: now - 8 * minute, kind: 'burst', text: 'KSM scans' })
  store.addMark(hostId, { at: now - 5 * minute, kind: 'scrub', text: 'scrubbed: 2.85 GiB evicted' })
  store.addMark(hostId, { at: now - 3 * minute, kind: 'guest', text: 'web-001-1 started' })
}
