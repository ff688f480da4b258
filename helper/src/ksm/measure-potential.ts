// Measures what merging would free now: one snapshot of all guests' memory.
import type { Guest } from '../guests/guests.ts'
import { sharedPageChunk } from '../identical-pages/page-hash.ts'
import { prepareGuests } from '../identical-pages/prepare-guests.ts'
import { type Snapshot, takeSnapshot } from '../identical-pages/snapshot.ts'
import { type SnapshotSummary, summarizeSnapshot } from '../identical-pages/summarize.ts'
import { pageSize } from '../kernel/libc.ts'
import { Pace } from '../pacing/pace.ts'
import type { ScanOptions } from '../pacing/scan-options.ts'
import type { MeasuredGuest, MeasuredPotential } from './potential.ts'

/** Work on a snapshot while it is there, at the pace of the measurement. */
export type UseSnapshot = (snapshot: Snapshot, presentPages: number, pace: Pace) => Promise<void>

/**
 * Reads all present pages of the guests; guests that end meanwhile are left out. `atSeconds`: now, on the caller's
 * monotonic clock. Needs root. Throws `cancelled`.
 */
export async function measurePotential(
  guests: readonly Guest[],
  options: ScanOptions,
  atSeconds: number,
  use?: UseSnapshot,
): Promise<MeasuredPotential> {
  const { prepared } = await prepareGuests(guests, options)
  const presentPages = prepared.reduce((sum, scan) => sum + scan.presentPages, 0)
  const pace = new Pace(options, presentPages)
  const snapshot = await takeSnapshot(prepared, sharedPageChunk(), pace, options)
  try {
    await use?.(snapshot, presentPages, pace)
    const ksmZeroPages = prepared.map((scan) => scan.ksmZeroPages)
    const summary = await summarizeSnapshot(snapshot.groups, ksmZeroPages, pageSize, pace)
    const measured = measuredGuests(snapshot, summary)
    const sum = (pick: (guest: MeasuredGuest) => number) =>
      [...measured.values()].reduce((all, guest) => all + pick(guest), 0)
    return {
      bytes: summary.mergeable.bytes,
      savedBytes: sum(({ mergedBytes }) => mergedBytes),
      residentBytes: sum(({ residentBytes }) => residentBytes),
      measuredAtSeconds: atSeconds,
      guests: measured,
    }
  } finally {
    snapshot.groups.release()
  }
}

function measuredGuests(snapshot: Snapshot, summary: SnapshotSummary): Map<number, MeasuredGuest> {
  const measured = new Map<number, MeasuredGuest>()
  for (const { prepared, index } of snapshot.guests) {
    const mergeable = prepared.scan.mappings.some((mapping) => mapping.mergeable)
    const figures = summary.guests[index]
    if (figures === undefined) continue
    const { mergeableBytes, mergedBytes, residentBytes } = figures
    const { startTime } = prepared
    measured.set(prepared.guest.pid, {
      startTime,
      mergeable,
      potentialBytes: mergeableBytes,
      mergedBytes,
      residentBytes,
    })
  }
  return measured
}
