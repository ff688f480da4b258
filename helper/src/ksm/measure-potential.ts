// Measures what merging would free now: one snapshot of all guests' memory.
import type { Guest } from '../guests/guests.ts'
import { type GuestFigures, keepPossible } from '../identical-pages/check-figures.ts'
import { sharedPageChunk } from '../identical-pages/scan/page-hash.ts'
import type { Remembered } from '../identical-pages/scan/scan.ts'
import { prepareGuests } from '../identical-pages/scan/scan-guests.ts'
import { figuresOf, type Snapshot, takeSnapshot } from '../identical-pages/snapshot.ts'
import { summarizeSnapshot } from '../identical-pages/summarize.ts'
import { Pace } from '../pacing/pace.ts'
import type { ScanOptions } from '../pacing/scan-options.ts'
import type { MeasuredGuest, MeasuredPotential } from './potential.ts'

/** Work on a snapshot while it is there, at the pace of the measurement. */
export type UseSnapshot = (snapshot: Snapshot, presentPages: number, pace: Pace) => Promise<void>

/**
 * Reads all present pages of the guests; guests that end during it are left out. `atSeconds`: now, on the caller's
 * monotonic clock. Needs root. Throws `cancelled`.
 */
export async function measurePotential(
  guests: readonly Guest[],
  options: ScanOptions,
  remembered: Remembered,
  atSeconds: number,
  use?: UseSnapshot,
): Promise<MeasuredPotential> {
  const { prepared } = await prepareGuests(guests, options)
  const presentPages = prepared.reduce((sum, scan) => sum + scan.presentPages, 0)
  const pace = new Pace(options, presentPages)
  const snapshot = await takeSnapshot(prepared, { ...options, chunk: sharedPageChunk(), pace }, remembered)
  try {
    await use?.(snapshot, presentPages, pace)
    const ksmZeroPages = prepared.map((scan) => scan.ksmZeroPages)
    const summary = await summarizeSnapshot(snapshot.groups, ksmZeroPages, pace)
    const figures = snapshot.guests.map((guest) => figuresOf(guest, summary))
    const { guests: possible, unreadable: impossible } = keepPossible(figures, options.log)
    const measured = measuredGuests(snapshot, possible)
    const sum = (pick: (guest: MeasuredGuest) => number) =>
      [...measured.values()].reduce((all, guest) => all + pick(guest), 0)
    return {
      bytes: impossible.length === 0 ? summary.mergeable.bytes : sum(({ potentialBytes }) => potentialBytes),
      savedBytes: sum(({ mergedBytes }) => mergedBytes),
      residentBytes: sum(({ residentBytes }) => residentBytes),
      measuredAtSeconds: atSeconds,
      guests: measured,
    }
  } finally {
    snapshot.groups.release()
  }
}

function measuredGuests({ guests }: Snapshot, possible: readonly GuestFigures[]): Map<number, MeasuredGuest> {
  const figures = new Map(possible.map((guest) => [guest.pid, guest]))
  const measured = new Map<number, MeasuredGuest>()
  for (const { prepared } of guests) {
    const found = figures.get(prepared.guest.pid)
    if (found === undefined) continue
    const { mergeableBytes: potentialBytes, mergedBytes, residentBytes } = found
    const { startTime, isMergeable: mergeable } = prepared
    measured.set(found.pid, { startTime, mergeable, potentialBytes, mergedBytes, residentBytes })
  }
  return measured
}
