// What a workbench has kept of replayed hosts, written as it would have: samples, marks, assessments, rolled up.
import { join } from 'node:path'
import { HistoryStore } from '../../../src/main/history/history-store.ts'
import { measureInterval } from '../../../src/main/history/interval.ts'
import { openDatabase } from '../../../src/main/history/open-database.ts'
import { wallClock } from '../../../src/shared/time/wall-clock.ts'
import { replayedId } from './replayed-fleet.ts'
import { assessmentOf, type ReplayedHost, sampleOf } from './replayed-host.ts'

export interface ReplayedSpan {
  /** Milliseconds before now. */
  readonly fromAgo: number
  readonly toAgo: number
  readonly stepMs: number
}

export function writeReplayedHistory(
  folder: string,
  hosts: readonly ReplayedHost[],
  spans: readonly ReplayedSpan[],
): void {
  const fail = (problem: Error) => {
    throw problem
  }
  const store = new HistoryStore(openDatabase(join(folder, 'history.sqlite'), fail))
  const now = wallClock()
  for (const host of hosts) {
    for (const { fromAgo, toAgo, stepMs } of spans)
      writeSpan(store, host, { from: now - fromAgo, to: now - toAgo, stepMs })
    writeEvents(store, host, now)
  }
  store.tidy(now, now)
  store.close()
}

interface Span {
  readonly from: number
  readonly to: number
  readonly stepMs: number
}

const sampleSeconds = 2

function writeSpan(store: HistoryStore, host: ReplayedHost, { from, to, stepMs }: Span): void {
  store.inTransaction(() => {
    for (let at = from + stepMs; at < to; at += stepMs) {
      // Two samples that lie as close as real ones: farther apart they would be a gap, without reads and CPU.
      const before = sampleOf(host, at / 1000 - sampleSeconds, at - 1000 * sampleSeconds)
      const sample = { ...sampleOf(host, at / 1000, at), arrivedAt: at }
      store.addInterval(replayedId(host.index), measureInterval(before, sample))
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
