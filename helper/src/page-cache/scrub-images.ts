// Scrubs images one after the other, or says why one is left alone.
import type { ScrubbedImage } from '../../../src/shared/contract/page-cache.ts'
import type { Reason, Unreadable } from '../../../src/shared/contract/quantity.ts'
import { explainExcludedImage } from '../guests/exclusions.ts'
import type { Image } from '../images/images.ts'
import { pageSize } from '../kernel/libc.ts'
import { systemProblem } from '../kernel/system-error.ts'
import type { Pace } from '../pacing/pace.ts'
import type { Exclusions } from '../pacing/scan-options.ts'
import { measureWindow, WINDOW_PAGES } from './image-window.ts'
import { listWindows, type OpenImage, withOpenImage } from './open-image.ts'
import type { Opener } from './openers.ts'
import { emptyTally, type ScrubTally, scrubWindow, type WindowScrub } from './scrub-window.ts'

export interface ScrubbedImages {
  readonly images: ScrubbedImage[]
  readonly unreadable: Unreadable[]
  readonly hashedPages: number
}

export interface ImagesScrub extends WindowScrub {
  readonly pace: Pace
  readonly signal: AbortSignal
  readonly otherWriters: ReadonlyMap<string, Opener>
  readonly exclusions: Exclusions | undefined
}

export async function scrubImages(images: readonly Image[], scrub: ImagesScrub): Promise<ScrubbedImages> {
  const result = { images: [] as ScrubbedImage[], unreadable: [] as Unreadable[], hashedPages: 0 }
  for (const image of images) {
    try {
      const skipped = explainSkip(image, scrub)
      const tally = await withOpenImage(image, (open) => (skipped ? measure(open) : scrubImage(open, scrub)))
      result.hashedPages += tally.hashed
      result.images.push({ path: image.path, ...toBytes(tally), ...(skipped ? { skipped } : {}) })
    } catch (error) {
      if (scrub.signal.aborted) throw error
      const problem = systemProblem(error, `scrub image ${image.path}`)
      result.unreadable.push({ path: image.path, problem: problem.toData() })
    }
  }
  return result
}

function explainSkip(image: Image, scrub: ImagesScrub): Reason | undefined {
  if (image.notApplicable) return image.notApplicable
  const [excluded] = explainExcludedImage(image.path, scrub.exclusions)
  if (excluded) return excluded
  const writer = scrub.otherWriters.get(image.id)
  if (writer === undefined) return undefined
  const text = `process ${writer.pid} (${writer.command}), which is no guest, has it open for writing`
  return { code: 'opened-by-another-process', text }
}

async function scrubImage(open: OpenImage, scrub: ImagesScrub): Promise<ScrubTally> {
  const tally = emptyTally()
  const verb = scrub.dryRun ? 'looking through' : 'scrubbing'
  for (const window of listWindows(open)) {
    const resident = scrubWindow(open, window, scrub, tally)
    if (scrub.pace.advance(resident)) await scrub.pace.rest(`${verb} ${open.image.path}`)
  }
  return tally
}

async function measure(open: OpenImage): Promise<ScrubTally> {
  const residency = new Uint8Array(WINDOW_PAGES)
  const windows = listWindows(open)
  const resident = windows.reduce((sum, window) => sum + measureWindow(open.fd, window, residency), 0)
  return { ...emptyTally(), residentBefore: resident, residentAfter: resident }
}

function toBytes(tally: ScrubTally): Omit<ScrubbedImage, 'path' | 'skipped'> {
  return {
    residentBeforeBytes: tally.residentBefore * pageSize,
    residentAfterBytes: tally.residentAfter * pageSize,
    evictedBytes: tally.evicted * pageSize,
    keptDirtyBytes: tally.keptDirty * pageSize,
    keptUniqueBytes: tally.keptUnique * pageSize,
  }
}
