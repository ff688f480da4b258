// Snapshot: every present page of every guest's RAM, grouped by content.
import type { Unreadable } from '../../../src/shared/contract/quantity.ts'
import type { Pace } from '../pace.ts'
import type { ScanOptions } from '../scan-options.ts'
import { ContentGroups, MAX_SHARING_GUESTS } from './content-groups.ts'
import type { PreparedScan } from './guest-ram-scan.ts'
import { GuestSites } from './guest-sites.ts'
import { MergedFrames } from './merged-frames.ts'
import type { PageChunk } from './page-hash.ts'
import { scanGuests } from './scan-guests.ts'
import { measureZeroHash } from './zero-hash.ts'

export interface SnapshotGuest {
  readonly prepared: PreparedScan
  /** Its bit in the groups. */
  readonly index: number
  readonly sites: GuestSites
}

export interface Snapshot {
  readonly groups: ContentGroups
  readonly guests: readonly SnapshotGuest[]
  readonly hashedPages: number
  readonly unreadable: readonly Unreadable[]
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
  const guests: SnapshotGuest[] = []
  const startGuest = (scan: PreparedScan, index: number) => {
    const bit = prepared.length <= MAX_SHARING_GUESTS ? 1 << index : 0
    const sites = new GuestSites(groups, frames, bit, scan.presentPages)
    guests.push({ prepared: scan, index, sites })
    return sites
  }
  const { scanned, hashedPages, unreadable } = await scanGuests(prepared, startGuest, chunk, pace, options)
  return { groups, guests: guests.filter((guest) => scanned.has(guest.prepared)), hashedPages, unreadable }
}
