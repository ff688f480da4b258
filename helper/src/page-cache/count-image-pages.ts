// How much work the page cache of images is, before it is read.
import { closeSync, openSync } from 'node:fs'
import type { Image } from '../images/images.ts'
import { readCacheStat } from '../kernel/libc.ts'
import { errnoOf } from '../kernel/system-error.ts'

/** Resident pages of all images, for progress only: 0 for those that cannot be counted in advance. */
export function countImagePages(images: readonly Image[]): number {
  return images.reduce((sum, image) => sum + countCached(image), 0)
}

function countCached(image: Image): number {
  let fd: number | undefined
  try {
    fd = openSync(image.openPath, 'r')
    return readCacheStat(fd, { start: 0, length: 0 }).cachedPages
  } catch (error) {
    // Kernels before 6.5 have no such call; images that cannot be opened are reported when their turn comes.
    if (errnoOf(error) === undefined) throw error
    return 0
  } finally {
    if (fd !== undefined) closeSync(fd)
  }
}
