// Counts the resident pages of an image: by cachestat(2) where it can be believed, else by walking mincore(2).
import { setImmediate } from 'node:timers/promises'
import type { SampledImage } from '../../../src/shared/contract/history.ts'
import { Problem } from '../../../src/shared/problem.ts'
import type { Image } from '../images/image.ts'
import { pageSize } from '../kernel/page-size.ts'
import { measureWindow, windowPages } from './image-window.ts'
import { endOfImage, explainCut, listWindows, type OpenImage, withOpenImage } from './open-image.ts'

export interface CountedImage extends Pick<SampledImage, 'residentBytes' | 'dirtyBytes'> {
  /** Every page was looked at, which costs milliseconds per GiB. */
  readonly isWalked: boolean
}

/** Counts resident bytes of an image. undefined: it would have to look at every page, and may not. */
export interface ResidencyCounter {
  /** Bytes. Absent `dirtyBytes`: this kernel or file system does not tell. */
  count(image: Image, mayWalk: boolean): Promise<CountedImage | undefined>
}

/** Counts through guests' descriptors, so `count` needs and throws what `withOpenImage` does. */
export function residencyCounter(): ResidencyCounter {
  return { count: (image, mayWalk) => withOpenImage(image, (open) => countResident(open, mayWalk)) }
}

async function countResident(open: OpenImage, mayWalk: boolean): Promise<CountedImage | undefined> {
  const whole = { start: 0, length: endOfImage(open) }
  const counts = open.counts.countPages(whole)
  if (counts !== undefined) {
    const { cachedPages, dirtyPages, writebackPages } = counts
    const dirtyBytes = (dirtyPages + writebackPages) * pageSize
    return { residentBytes: cachedPages * pageSize, dirtyBytes, isWalked: false }
  }
  return mayWalk ? await walk(open) : undefined
}

async function walk(open: OpenImage): Promise<CountedImage> {
  const residency = new Uint8Array(windowPages)
  let residentPages = 0
  for (const window of listWindows(open)) {
    const resident = measureWindow(open.fd, window, residency)
    // The first that shows whether the kernel counts here.
    if (residentPages === 0 && resident > 0) open.counts.compareWithResident(window)
    residentPages += resident
    await setImmediate()
  }
  const cut = explainCut(open)
  // A part of the figure would look like all of it.
  if (cut !== undefined) throw new Problem(cut.code, cut.message)
  return { residentBytes: residentPages * pageSize, isWalked: true }
}
