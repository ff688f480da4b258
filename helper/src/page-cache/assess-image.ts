// What the page cache holds of one image, and how much of it guests hold too.

import type { AssessedImage } from '../../../src/shared/contract/images.ts'
import type { Reason } from '../../../src/shared/contract/quantity.ts'
import type { ProblemData } from '../../../src/shared/problem.ts'
import { formatBytes, formatRatio } from '../../../src/shared/units.ts'
import { withValue } from '../../../src/shared/with-value.ts'
import { type ContentGroups, ImageMatch } from '../identical-pages/content-groups.ts'
import { heldBy, type Vouchers } from '../identical-pages/records/holders.ts'
import type { Image } from '../images/image.ts'
import { readPage } from '../images/read-page.ts'
import { pageSize } from '../kernel/page-size.ts'
import type { Pace } from '../pacing/pace.ts'
import { explainAlignment } from './alignment.ts'
import { countUnwritten } from './dirty.ts'
import type { ImageReader } from './image-reader.ts'
import { measureWindow, windowPages } from './image-window.ts'
import {
  endOfImage,
  explainCut,
  listWindows,
  type OpenImage,
  openImage,
  withOpenImage,
} from './open-image.ts'

export interface AssessedCache {
  readonly assessed: AssessedImage
  readonly comparedPages: number
  /** Of these, read now. */
  readonly hashedPages: number
  /** Present where only a part of the image was looked at. */
  readonly cut: ProblemData | undefined
}

/**
 * Marks guests' pages that the image's cache holds too, those of guests that vouch for it. Needs what `withOpenImage` needs.
 * Absent figures are not reported for this file system. Throws `gone` where the guest has exited.
 */
export function assessImage(
  image: Image,
  held: ImageHolders,
  reader: ImageReader,
  pace: Pace,
): Promise<AssessedCache> {
  return withOpenImage(image, async (open) => {
    const found = image.notApplicable
      ? await countCache(open, pace)
      : await matchCache(open, held, reader, pace)
    const unwritten = countUnwritten(open, { start: 0, length: endOfImage(open) })
    const assessed: AssessedImage = {
      path: image.path,
      id: image.id,
      format: image.format,
      guests: [...image.guests],
      cacheMode: image.cacheMode,
      residentBytes: found.residentPages * pageSize,
      ...(unwritten !== undefined && { dirtyBytes: unwritten * pageSize }),
      doubleCachedBytes: found.heldPages * pageSize,
      heldByOthersBytes: found.heldByOthersPages * pageSize,
      ...withValue({ notApplicable: image.notApplicable }),
      why: explainContent(open, found),
    }
    const { comparedPages, hashedPages } = found
    return { assessed, comparedPages, hashedPages, cut: explainCut(open) }
  })
}

interface FoundCache {
  readonly residentPages: number
  readonly comparedPages: number
  readonly hashedPages: number
  readonly heldPages: number
  readonly heldByOthersPages: number
}

/** What guests hold, and which of them vouch for the image. */
export interface ImageHolders {
  readonly groups: ContentGroups
  readonly vouchers: Vouchers
}

async function countCache(open: OpenImage, pace: Pace): Promise<FoundCache> {
  const residency = new Uint8Array(windowPages)
  let residentPages = 0
  for (const window of listWindows(open)) {
    residentPages += measureWindow(open.fd, window, residency)
    if (pace.advance(0)) await pace.rest(`measuring ${open.image.path}`)
  }
  return { residentPages, comparedPages: 0, hashedPages: 0, heldPages: 0, heldByOthersPages: 0 }
}

async function matchCache(
  open: OpenImage,
  { groups, vouchers }: ImageHolders,
  reader: ImageReader,
  pace: Pace,
): Promise<FoundCache> {
  const found = { residentPages: 0, comparedPages: 0, hashedPages: 0 }
  const match = new ImageMatch(groups, vouchers)
  /** By who holds them; where contents were sampled, each found stands for several. */
  const held = [0, 0, 0, 0]
  for (const window of listWindows(open)) {
    const contents = reader.readWindow(open, window, (_page, lower, upper) => {
      const by = match.holderOf(lower, upper)
      if (by !== heldBy.nobody) held[by] = (held[by] as number) + groups.weightOf(lower, upper)
    })
    found.residentPages += contents.residentPages
    found.comparedPages += contents.comparedPages
    found.hashedPages += contents.hashedPages
    if (pace.advance(contents.residentPages)) await pace.rest(`reading the page cache of ${open.image.path}`)
  }
  const [, others, opener, allOpeners] = held as [number, number, number, number]
  // Estimates may pass what there is; counts cannot.
  const atMost = groups.records.sampledRatio < 1 ? found.residentPages : Number.POSITIVE_INFINITY
  const heldPages = Math.min(atMost, Math.round(opener + allOpeners))
  return { ...found, heldPages, heldByOthersPages: Math.min(atMost - heldPages, Math.round(others)) }
}

// Below this much, single pages prove nothing.
const enoughPages = 4096
const matchRatio = 0.2

/** What the image itself tells, or else a guess from the figures. */
function explainContent({ image, fd }: OpenImage, found: FoundCache): Reason[] {
  if (image.notApplicable) return []
  const isFlat = image.format === 'raw' || image.format === 'block-device'
  const reasons = isFlat
    ? explainAlignment((offset) => readPage((flags) => openImage(image, flags), offset, fd))
    : []
  return reasons.length > 0 ? reasons : explainMismatch(found)
}

/** A guess, worded as one: a guest that has dropped its cache looks the same. */
function explainMismatch(found: FoundCache): Reason[] {
  const { comparedPages } = found
  const heldPages = found.heldPages + found.heldByOthersPages
  if (comparedPages < enoughPages || heldPages / comparedPages > matchRatio) return []
  const share = formatRatio(heldPages / comparedPages)
  const size = formatBytes(found.residentPages * pageSize)
  const text =
    `only ${share} of the ${size} resident is found in guests: either they do not hold it (any more), or their ` +
    'blocks are not aligned to 4 KiB, encrypted or compressed, and then content cannot be compared'
  return [{ code: 'misaligned-content', text }]
}
