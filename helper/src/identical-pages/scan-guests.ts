// Scans the RAM of guests one after the other.
import type { Unreadable } from '../../../src/shared/contract/quantity.ts'
import type { Pace } from '../pacing/pace.ts'
import type { ScanOptions } from '../pacing/scan-options.ts'
import { type PreparedScan, requireAlive } from './guest-ram-scan.ts'
import type { PageChunk } from './page-hash.ts'
import { describeUnreadable } from './prepare-guests.ts'
import { PresentPages } from './present-pages.ts'
import { type PageSink, scanRam } from './scan-ram.ts'

export interface ScannedGuests {
  /** Scanned to the end. */
  readonly scanned: ReadonlySet<PreparedScan>
  readonly hashedPages: number
  readonly unreadable: Unreadable[]
}

/** What was found of a guest that ends meanwhile stays in its sink. Throws `cancelled`. */
export async function scanGuests(
  prepared: readonly PreparedScan[],
  sinkOf: (scan: PreparedScan, index: number) => PageSink,
  chunk: PageChunk,
  pace: Pace,
  options: ScanOptions,
): Promise<ScannedGuests> {
  const scanned = new Set<PreparedScan>()
  const unreadable: Unreadable[] = []
  let hashedPages = 0
  for (const [index, scan] of prepared.entries()) {
    try {
      hashedPages += await scanGuest(scan, sinkOf(scan, index), chunk, pace, options)
      await requireAlive(options.root, scan.guest, scan.startTime)
      scanned.add(scan)
    } catch (error) {
      if (options.signal.aborted) throw error
      unreadable.push(describeUnreadable(scan.guest, error))
    }
  }
  return { scanned, hashedPages, unreadable }
}

async function scanGuest(
  { scan }: PreparedScan,
  sink: PageSink,
  chunk: PageChunk,
  pace: Pace,
  options: ScanOptions,
): Promise<number> {
  const present = new PresentPages(options.root, scan.pid, options.presentBy)
  try {
    return await scanRam(scan, present, chunk, sink, pace, options.thread, options.mergedFrames)
  } finally {
    present.close()
  }
}
