// Snapshot: every present page of every guest's RAM, grouped by content.
import type { Unreadable } from '../../../src/shared/contract/quantity.ts'
import type { Guest } from '../guests.ts'
import type { Pace } from '../pace.ts'
import type { ScanOptions } from '../scan-options.ts'
import { processProblem } from '../system-error.ts'
import { ContentGroups, MAX_SHARING_GUESTS } from './content-groups.ts'
import { type PreparedScan, prepareScan } from './guest-ram-scan.ts'
import { GuestSites } from './guest-sites.ts'
import { MergedFrames } from './merged-frames.ts'
import type { PageChunk } from './page-hash.ts'
import { PresentPages } from './present-pages.ts'
import { scanRam } from './scan-ram.ts'
import { measureZeroHash } from './zero-hash.ts'

export interface SnapshotGuest {
  readonly prepared: PreparedScan
  /** Its bit in the groups. */
  readonly index: number
  readonly sites: GuestSites
}

export interface Snapshot {
  readonly groups: ContentGroups
  readonly guests: SnapshotGuest[]
  readonly hashedPages: number
  readonly unreadable: Unreadable[]
}

export interface PreparedGuests {
  readonly prepared: PreparedScan[]
  readonly unreadable: Unreadable[]
}

/** A guest that cannot be read is data beside the others. */
export async function prepareGuests(guests: readonly Guest[], options: ScanOptions): Promise<PreparedGuests> {
  const prepared: PreparedScan[] = []
  const unreadable: Unreadable[] = []
  for (const guest of guests) {
    try {
      prepared.push(await prepareScan(guest, options))
    } catch (error) {
      unreadable.push(describeUnreadable(guest, error))
    }
  }
  return { prepared, unreadable }
}

/** A guest that ends while it is read leaves its pages in the groups, as far as they were read; it is not listed. */
export async function takeSnapshot(
  prepared: readonly PreparedScan[],
  chunk: PageChunk,
  pace: Pace,
  options: ScanOptions,
): Promise<Snapshot> {
  const expectedPages = prepared.reduce((sum, { presentPages }) => sum + presentPages, 0)
  const groups = new ContentGroups(expectedPages, measureZeroHash(chunk))
  const frames = new MergedFrames()
  const snapshot = { groups, guests: [] as SnapshotGuest[], hashedPages: 0, unreadable: [] as Unreadable[] }
  for (const [index, scan] of prepared.entries()) {
    const bit = prepared.length <= MAX_SHARING_GUESTS ? 1 << index : 0
    const sites = new GuestSites(groups, frames, bit, scan.presentPages)
    try {
      snapshot.hashedPages += await scanGuest(scan, chunk, sites, pace, options)
      snapshot.guests.push({ prepared: scan, index, sites })
    } catch (error) {
      if (options.signal.aborted) throw error
      snapshot.unreadable.push(describeUnreadable(scan.guest, error))
    }
  }
  return snapshot
}

async function scanGuest(
  { scan }: PreparedScan,
  chunk: PageChunk,
  sites: GuestSites,
  pace: Pace,
  options: ScanOptions,
): Promise<number> {
  const present = new PresentPages(options.root, scan.pid, options.presentBy)
  try {
    return await scanRam(scan, present, chunk, sites, pace)
  } finally {
    present.close()
  }
}

function describeUnreadable(guest: Guest, error: unknown): Unreadable {
  const problem = processProblem(error, `scan guest ${guest.name} (pid ${guest.pid})`)
  return { path: `/proc/${guest.pid}`, problem: problem.toData() }
}
