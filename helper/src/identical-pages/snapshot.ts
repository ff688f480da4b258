// Snapshot: every present page of every guest's RAM, grouped by content.
import type { SharedPair } from '../../../src/shared/contract/guests.ts'
import type { Unreadable } from '../../../src/shared/contract/quantity.ts'
import { pageSize } from '../kernel/page-size.ts'
import { dropProgramPages } from '../kernel/program-pages.ts'
import type { Exclusions } from '../pacing/scan-options.ts'
import type { GuestFigures } from './check-figures.ts'
import { ContentGroups } from './content-groups.ts'
import { GuestPages, type ScanRecords } from './guest-pages.ts'
import { chooseSample, HashRecords } from './records/hash-records.ts'
import { findVouchers, type OpeningGuest, type Vouchers } from './records/holders.ts'
import { inHugePages, WordList } from './records/words.ts'
import { FrameSet } from './scan/frame-kinds.ts'
import type { MergedFrames } from './scan/merged-frames.ts'
import type { Remembered, Scan } from './scan/scan.ts'
import { beginFrames, type PreparedScan, scanGuests } from './scan/scan-guests.ts'
import type { GuestSummary, SnapshotSummary } from './summarize.ts'

export interface SnapshotGuest {
  readonly prepared: PreparedScan
  /** By which the groups tell it from others. */
  readonly index: number
  readonly pages: GuestPages
}

export interface Snapshot {
  readonly groups: ContentGroups
  readonly guests: readonly SnapshotGuest[]
  readonly hashedPages: number
  readonly unreadable: readonly Unreadable[]
}

/** Of an image: guests that were read to the end and have it open (see `findVouchers`). */
export function vouchersFor(
  image: { readonly guests: readonly number[] },
  { guests, groups }: Snapshot,
  exclusions: Exclusions | undefined,
): Vouchers {
  const openers = guests.map(({ prepared, index }) => toOpener(prepared, index, exclusions))
  return findVouchers(image.guests, openers, groups.guests.length)
}

/** Of a guest that was read to the end. */
export function figuresOf({ prepared, index }: SnapshotGuest, summary: SnapshotSummary): GuestFigures {
  const { guest, ram, otherBlocksBytes } = prepared
  return {
    ...{ pid: guest.pid, name: guest.name, ...ram },
    ...(otherBlocksBytes > 0 && { otherBlocksBytes }),
    ...(summary.guests[index] as GuestSummary),
  }
}

/** A scanned guest as one that may vouch for images. `exclusions`: absent where no policy keeps guests apart. */
export function toOpener(
  { guest, isMergeable }: PreparedScan,
  index: number,
  exclusions: Exclusions | undefined,
): OpeningGuest {
  const isExcluded = exclusions?.guests.includes(guest.name) ?? false
  return { pid: guest.pid, index, shares: isMergeable && !isExcluded }
}

/**
 * `release` its groups. A guest that ends while it is read leaves its pages in the groups, as far as they were read;
 * it is not listed. Needs what `scanGuests` needs; guests that may not be read are in `unreadable`.
 */
export async function takeSnapshot(
  prepared: readonly PreparedScan[],
  scan: Scan,
  remembered: Remembered = {},
): Promise<Snapshot> {
  const records = await beginRecords(prepared, scan, remembered.mergedFrames)
  try {
    return await takeInto(records, prepared, scan, remembered)
  } catch (error) {
    records.records.release()
    records.mergedSites.release()
    throw error
  }
}

async function beginRecords(
  prepared: readonly PreparedScan[],
  { root, chunk, exactPages }: Scan,
  mergedFrames: MergedFrames | undefined,
): Promise<ScanRecords> {
  const pagesOf = (scans: readonly PreparedScan[]) =>
    scans.reduce((sum, { presentPages }) => sum + presentPages, 0)
  const sample = chooseSample(pagesOf(prepared), exactPages)
  const frames = await beginFrames(root, mergedFrames, prepared.length)
  const mergedPages = sample ? 0 : pagesOf(prepared.filter(({ scan }) => scan.needsFrames))
  return {
    records: new HashRecords(pagesOf(prepared), sample, inHugePages),
    frames,
    mergedSites: new WordList(mergedPages, inHugePages),
    zero: chunk.zero,
    ...(sample !== undefined && { leftOut: new FrameSet() }),
  }
}

async function takeInto(
  records: ScanRecords,
  prepared: readonly PreparedScan[],
  scan: Scan,
  remembered: Remembered,
): Promise<Snapshot> {
  const guests = prepared.map((scanned, index) => {
    return { prepared: scanned, index, pages: new GuestPages(records, index) }
  })
  const sinkOf = (_: PreparedScan, index: number) => (guests[index] as SnapshotGuest).pages
  const { scanned, hashedPages, unreadable } = await scanGuests(prepared, sinkOf, scan, remembered)
  await dropProgramPages(scan.root)
  const groups = new ContentGroups(
    records,
    guests.map(({ pages }) => pages),
  )
  await groups.sort(scan.pace, remembered.thread)
  return { groups, guests: guests.filter((guest) => scanned.has(guest.prepared)), hashedPages, unreadable }
}

/** Pairs that share nothing are left out, and all where there are too many guests to tell them apart. */
export function summarizeSharing(
  guests: readonly Pick<SnapshotGuest, 'index' | 'prepared'>[],
  summary: Pick<SnapshotSummary, 'sharedPages'>,
): SharedPair[] {
  return guests.flatMap((guest, at) =>
    guests.slice(at).flatMap((other) => {
      const { identical, zero } = summary.sharedPages(guest.index, other.index)
      const [a, b] = [guest.prepared.guest.pid, other.prepared.guest.pid]
      return identical === 0
        ? []
        : [{ a, b, identicalBytes: identical * pageSize, zeroBytes: zero * pageSize }]
    }),
  )
}
