// Scrub: evicts clean page-cache pages of images that a guest holds, by content.
import type { ScrubbedImage, ScrubParams, ScrubResult } from '../../../src/shared/contract/page-cache.ts'
import type { Unreadable } from '../../../src/shared/contract/quantity.ts'
import { CostMeter } from '../cost-meter.ts'
import { type Guest, listGuests } from '../guests.ts'
import { PageChunk } from '../identical-pages/page-hash.ts'
import { prepareGuests } from '../identical-pages/prepare-guests.ts'
import { scanGuests } from '../identical-pages/scan-guests.ts'
import { measureZeroHash } from '../identical-pages/zero-hash.ts'
import { listImages } from '../images.ts'
import { pageSize } from '../libc.ts'
import { Pace } from '../pace.ts'
import { requirePrivilege } from '../probe/privilege.ts'
import type { ScanOptions } from '../scan-options.ts'
import { countImagePages } from './count-image-pages.ts'
import { GuestContents } from './guest-contents.ts'
import { findOtherWriters } from './openers.ts'
import { scrubImages } from './scrub-images.ts'
import { selectImages } from './select-images.ts'

export interface ScrubOptions extends ScanOptions {
  /** Says what would be evicted and changes nothing. */
  readonly dryRun: boolean
}

/**
 * Guests are read first: what they hold then decides. A page that is written meanwhile is dirty, and so kept; the
 * worst that a stale hash can do is to evict a clean page for nothing.
 * Throws `not-permitted`, `not-found` (an image that no guest has), `cancelled`.
 */
export async function scrub(params: ScrubParams, options: ScrubOptions): Promise<ScrubResult> {
  requirePrivilege('scrub images')
  const meter = new CostMeter()
  const at = Date.now()
  const guests = await listGuests(options.root)
  const listed = await listImages(options.root, guests)
  const images = await selectImages(listed.images, params.images)
  const pids = guests.map(({ pid }) => pid)
  const chunk = new PageChunk()
  try {
    const held = await readGuestContents(guests, countImagePages(images), chunk, options)
    const scrubbed = await scrubImages(images, {
      ...held,
      chunk,
      dryRun: options.dryRun,
      flushDirty: params.flushDirty ?? false,
      signal: options.signal,
      otherWriters: await findOtherWriters(options.root, images, pids),
    })
    return {
      at,
      dryRun: options.dryRun,
      images: scrubbed.images,
      totals: addUp(scrubbed.images),
      cost: meter.read((held.hashedPages + scrubbed.hashedPages) * pageSize),
      unreadable: [...listed.unreadable, ...held.unreadable, ...scrubbed.unreadable],
    }
  } finally {
    chunk.release()
  }
}

interface HeldContents {
  readonly contents: GuestContents
  readonly pace: Pace
  readonly hashedPages: number
  readonly unreadable: readonly Unreadable[]
}

async function readGuestContents(
  guests: readonly Guest[],
  imagePages: number,
  chunk: PageChunk,
  options: ScanOptions,
): Promise<HeldContents> {
  const { prepared, unreadable } = await prepareGuests(guests, options)
  const expectedPages = prepared.reduce((sum, { presentPages }) => sum + presentPages, 0)
  const pace = new Pace(options, expectedPages + imagePages)
  const contents = new GuestContents(expectedPages, measureZeroHash(chunk))
  const scanned = await scanGuests(prepared, () => contents, chunk, pace, options)
  return {
    contents,
    pace,
    hashedPages: scanned.hashedPages,
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
  }
}
