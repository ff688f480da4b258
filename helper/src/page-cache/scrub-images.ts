// Scrubs images one after the other, or says why one is left alone.

import type { ScrubbedImage } from '../../../src/shared/contract/page-cache.ts'
import type { Reason, Unreadable } from '../../../src/shared/contract/quantity.ts'
import { withValue } from '../../../src/shared/with-value.ts'
import { explainExcludedImage } from '../images/exclusions.ts'
import type { Image } from '../images/image.ts'
import { keyOfIdentity } from '../images/image-identity.ts'
import type { NamedImages } from '../images/named-images.ts'
import { pageSize } from '../kernel/page-size.ts'
import { systemProblem } from '../kernel/system-error.ts'
import type { Pace } from '../pacing/pace.ts'
import { dropImage } from './drop-images.ts'
import { measureWindow, windowPages } from './image-window.ts'
import { explainCut, listWindows, type OpenImage, withOpenImage } from './open-image.ts'
import type { Opener } from './openers.ts'
import { emptyTally, type ScrubSettings, type ScrubTally, WindowScrubber } from './scrub-window.ts'

export interface ScrubbedImages {
  readonly images: ScrubbedImage[]
  readonly unreadable: Unreadable[]
  readonly hashedPages: number
}

export interface ImagesScrub extends ScrubSettings {
  /** Without a look at who holds a page. */
  readonly everything?: boolean
  readonly pace: Pace
  readonly signal: AbortSignal
  readonly otherWriters: ReadonlyMap<string, Opener>
  readonly excluded: NamedImages
}

/**
 * Scrubs images one after the other. One that fails is listed as unreadable and hides no other; one that must not be
 * scrubbed is measured, and says why. Needs root; an image that may not be opened is listed as unreadable. Throws
 * `cancelled`.
 */
export async function scrubImages(images: readonly Image[], scrub: ImagesScrub): Promise<ScrubbedImages> {
  const scrubber = new WindowScrubber(scrub)
  const result = { images: [] as ScrubbedImage[], unreadable: [] as Unreadable[], hashedPages: 0 }
  for (const [index, image] of images.entries()) {
    try {
      const skip = explainSkip(image, scrub)
      const { tally, skipped, cut } = await withOpenImage(image, async (open) => ({
        tally: await (skip ? measure(open, scrub) : scrubImage(open, index, scrubber, scrub)),
        skipped: skip ?? explainUnknownDirt(open),
        cut: explainCut(open),
      }))
      if (cut) result.unreadable.push({ path: image.path, problem: cut })
      result.hashedPages += tally.hashed
      result.images.push({
        path: image.path,
        id: image.id,
        ...toBytes(tally),
        ...withValue({ skipped }),
      })
    } catch (error) {
      if (scrub.signal.aborted) throw error
      const problem = systemProblem(error, `scrub image ${image.label}`)
      result.unreadable.push({ path: image.path, problem: problem.toData() })
    }
  }
  return result
}

function explainSkip(image: Image, scrub: ImagesScrub): Reason | undefined {
  if (image.notApplicable) return image.notApplicable
  const [excluded] = explainExcludedImage(image, scrub.excluded)
  if (excluded) return excluded
  const writer = scrub.otherWriters.get(keyOfIdentity(image.id))
  if (writer === undefined) return undefined
  const text = `process ${writer.pid} (${writer.command}), which is no guest, has it open for writing`
  return { code: 'opened-by-another-process', text }
}

/** After the scrub: what has shown by then. */
function explainUnknownDirt({ counts }: OpenImage): Reason | undefined {
  if (!counts.areRefuted) return undefined
  const text =
    'its file system does not tell the kernel which of its cached pages are dirty, so all of them are left'
  return { code: 'dirty-unknown', text }
}

async function scrubImage(
  open: OpenImage,
  index: number,
  scrubber: WindowScrubber,
  scrub: ImagesScrub,
): Promise<ScrubTally> {
  const tally = emptyTally()
  const verb = scrub.dryRun ? 'looking through' : 'scrubbing'
  if (scrub.everything)
    return dropImage(open, {
      ...scrub,
      rest: async (pages) => {
        if (scrub.pace.advance(pages)) await scrub.pace.rest(`${verb} ${open.image.path}`)
      },
    })
  for (const window of listWindows(open)) {
    const resident = scrubber.scrubWindow(open, window, index, tally)
    if (scrub.pace.advance(resident)) await scrub.pace.rest(`${verb} ${open.image.path}`)
  }
  return tally
}

async function measure(open: OpenImage, scrub: ImagesScrub): Promise<ScrubTally> {
  const residency = new Uint8Array(windowPages)
  let resident = 0
  for (const window of listWindows(open)) {
    resident += measureWindow(open.fd, window, residency)
    if (scrub.pace.advance(0)) await scrub.pace.rest(`measuring ${open.image.path}`)
  }
  return { ...emptyTally(), residentBefore: resident, residentAfter: resident }
}

function toBytes(tally: ScrubTally): Omit<ScrubbedImage, 'path' | 'skipped'> {
  return {
    residentBeforeBytes: tally.residentBefore * pageSize,
    residentAfterBytes: tally.residentAfter * pageSize,
    evictedBytes: tally.evicted * pageSize,
    keptDirtyBytes: tally.keptDirty * pageSize,
    keptUniqueBytes: tally.keptUnique * pageSize,
    heldByOthersBytes: tally.heldByOthers * pageSize,
  }
}
