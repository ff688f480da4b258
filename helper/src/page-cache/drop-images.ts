// Evicts all clean pages of images, whoever holds them: what an experiment from cold caches begins with.
import { countUnwritten } from './dirty.ts'
import { evictPages } from './evict-pages.ts'
import { measureWindow, windowPages } from './image-window.ts'
import { listWindows, type OpenImage } from './open-image.ts'
import { emptyTally, type ScrubTally } from './scrub-window.ts'

export interface Dropping {
  readonly dryRun: boolean
  readonly flushDirty: boolean
  /** Told after each window of the pages that were resident. */
  readonly rest: (resident: number) => Promise<void>
}

/**
 * Evicts all clean pages of an image. Dirty pages stay, unless they are to be written back first. What really went is
 * measured. Needs root, as the image is its guest's.
 */
export async function dropImage(open: OpenImage, dropping: Dropping): Promise<ScrubTally> {
  const tally = emptyTally()
  const residency = new Uint8Array(windowPages)
  for (const window of listWindows(open)) {
    const before = measureWindow(open.fd, window, residency)
    tally.residentBefore += before
    if (before > 0) {
      const chosen = { choose: () => true, limit: Number.POSITIVE_INFINITY, flush: dropping.flushDirty }
      const dirty = dropping.flushDirty ? 0 : Math.min(before, countUnwritten(open, window) ?? 0)
      const evicted = dropping.dryRun ? before - dirty : evictPages(open, window, chosen, residency)
      tally.evicted += evicted
      tally.residentAfter += before - evicted
      tally.keptDirty += Math.min(before - evicted, countUnwritten(open, window) ?? 0)
    }
    await dropping.rest(before)
  }
  return tally
}
