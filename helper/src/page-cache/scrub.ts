// Scrub: evicts clean page-cache pages of images that a guest holds which has the image open, by content.
import type { ScrubbedImage, ScrubParams, ScrubResult } from '../../../src/shared/contract/page-cache.ts'
import type { Unreadable } from '../../../src/shared/contract/quantity.ts'
import { wallClock } from '../../../src/shared/time/wall-clock.ts'
import { findGuests, type Guest } from '../guests/guests.ts'
import { HashRecords } from '../identical-pages/records/hash-records.ts'
import { findVouchers } from '../identical-pages/records/holders.ts'
import { sharedPageChunk } from '../identical-pages/scan/page-hash.ts'
import { beginFrames, prepareGuests, scanGuests } from '../identical-pages/scan/scan-guests.ts'
import { toOpener } from '../identical-pages/snapshot.ts'
import type { Image } from '../images/image.ts'
import { listImages } from '../images/list-images.ts'
import { NamedImages } from '../images/named-images.ts'
import { pageSize } from '../kernel/page-size.ts'
import { dropProgramPages } from '../kernel/program-pages.ts'
import { CostMeter } from '../pacing/cost-meter.ts'
import { Pace } from '../pacing/pace.ts'
import type { ScanOptions } from '../pacing/scan-options.ts'
import { requirePrivilege } from '../probe/privilege.ts'
import { countImagePages } from './count-image-pages.ts'
import { GuestContents } from './guest-contents.ts'
import { readImageContents } from './image-contents.ts'
import { ImageReader } from './image-reader.ts'
import { KnownContents } from './known-contents.ts'
import { findOtherWriters } from './openers.ts'
import type { RememberedScan } from './remembered-scan.ts'
import { scrubImages } from './scrub-images.ts'
import { selectImages } from './select-images.ts'

export interface ScrubOptions extends ScanOptions {
  /** Says what would be evicted and changes nothing. */
  readonly dryRun: boolean
}

/**
 * Guests are read before the images are scrubbed: what they hold then decides. Where less of the images is resident than
 * guests hold, images are gone through twice, first to know which contents to look for in guests; pages of those that
 * nothing writes to are read once. A page that is written while this runs is dirty, and so kept; the worst that a stale hash can
 * do is to evict a clean page for nothing.
 * Needs root. Throws `not-permitted`, `not-found` (an image that no guest has), `cancelled`.
 */
export async function scrub(
  params: ScrubParams,
  options: ScrubOptions,
  remembered: RememberedScan = {},
): Promise<ScrubResult> {
  requirePrivilege('scrub images')
  const meter = new CostMeter()
  const at = wallClock()
  const { guests, unreadable: leftOut } = await findGuests(options.root)
  const listed = await listImages(options.root, guests)
  const images = selectImages(options.root, listed.images, params.images)
  const excluded = new NamedImages(options.root, listed.images, options.exclusions?.images ?? [])
  const pids = guests.map(({ pid }) => pid)
  const everything = params.everything ?? false
  // Who holds what is not asked where all goes.
  const scanned = everything ? [] : guests
  const held = await readGuestContents(
    scanned,
    { all: listed.images, images },
    options,
    everything ? {} : remembered,
  )
  // What the scan of guests needed makes room for the images.
  await dropProgramPages(options.root)
  const others = await findOtherWriters(options.root, images, pids)
  const scrubbed = await scrubImages(images, {
    ...held,
    everything,
    dryRun: options.dryRun,
    flushDirty: params.flushDirty ?? false,
    signal: options.signal,
    excluded,
    otherWriters: others.writers,
  })
  return {
    at,
    dryRun: options.dryRun,
    images: scrubbed.images,
    totals: addUp(scrubbed.images),
    cost: meter.readCost((held.hashedPages + scrubbed.hashedPages) * pageSize),
    unreadable: [
      ...leftOut,
      ...listed.unreadable,
      ...excluded.explainUnmatched('scrub.guards.exclude'),
      ...held.unreadable,
      ...others.unreadable,
      ...scrubbed.unreadable,
    ],
  }
}

interface HeldContents {
  readonly contents: GuestContents
  readonly reader: ImageReader
  readonly pace: Pace
  readonly hashedPages: number
  readonly unreadable: readonly Unreadable[]
}

async function readGuestContents(
  guests: readonly Guest[],
  { all, images }: { readonly all: readonly Image[]; readonly images: readonly Image[] },
  options: ScanOptions,
  remembered: RememberedScan,
): Promise<HeldContents> {
  const { prepared, unreadable } = await prepareGuests(guests, options)
  const guestPages = prepared.reduce((sum, { presentPages }) => sum + presentPages, 0)
  const imagePages = countImagePages(images)
  // Not counted in advance (before Linux 6.5): 0.
  const among = imagePages > 0 && imagePages < guestPages
  const pace = new Pace(options, guestPages + imagePages * (among ? 2 : 1))
  const chunk = sharedPageChunk()
  const known = remembered.knownContents ?? new KnownContents()
  known.follow(all, guestPages)
  const reader = new ImageReader(chunk, known)
  const asked = among ? await readImageContents(images, imagePages, reader, pace, options.signal) : undefined
  if (among) await dropProgramPages(options.root)
  const records = asked?.records ?? new HashRecords(guestPages)
  const openers = prepared.map((scan, index) => toOpener(scan, index, options.exclusions))
  const contents = new GuestContents({
    records,
    among,
    frames: await beginFrames(options.root, remembered.mergedFrames, prepared.length),
    zero: chunk.zero,
    vouchers: images.map((image) => findVouchers(image.guests, openers, openers.length)),
    guests: prepared.length,
  })
  const scanned = await scanGuests(
    prepared,
    (_, index) => contents.sinkOf(index),
    { ...options, chunk, pace },
    remembered,
  )
  await contents.finish(pace, remembered.thread)
  return {
    contents,
    reader,
    pace,
    hashedPages: scanned.hashedPages + (asked?.hashedPages ?? 0),
    unreadable: [...unreadable, ...scanned.unreadable],
  }
}

function addUp(images: readonly ScrubbedImage[]): ScrubResult['totals'] {
  const totalOf = (bytesOf: (image: ScrubbedImage) => number) =>
    images.reduce((sum, image) => sum + bytesOf(image), 0)
  return {
    residentBeforeBytes: totalOf((image) => image.residentBeforeBytes),
    residentAfterBytes: totalOf((image) => image.residentAfterBytes),
    evictedBytes: totalOf((image) => image.evictedBytes),
    keptDirtyBytes: totalOf((image) => image.keptDirtyBytes),
    keptUniqueBytes: totalOf((image) => image.keptUniqueBytes),
    heldByOthersBytes: totalOf((image) => image.heldByOthersBytes ?? 0),
  }
}
