// How much work the page cache of images is, before it is read.
import { closeSync } from 'node:fs'
import { Problem } from '../../../src/shared/problem.ts'
import type { Image } from '../images/image.ts'
import { readCacheStat } from '../kernel/cachestat.ts'
import { errnoOf } from '../kernel/system-error.ts'
import { openImage } from './open-image.ts'

/**
 * Resident pages of all images, for progress only: 0 for those that cannot be counted in advance. Needs what `openImage`
 * needs. Source: cachestat(2).
 */
export function countImagePages(images: readonly Image[]): number {
  return images.reduce((sum, image) => sum + countCached(image), 0)
}

function countCached(image: Image): number {
  let fd: number | undefined
  try {
    fd = openImage(image)
    return readCacheStat(fd, { start: 0, length: 0 }).cachedPages
  } catch (error) {
    // Kernels before 6.5 have no such call; images that cannot be opened are reported when their turn comes.
    if (errnoOf(error) === undefined && !(error instanceof Problem)) throw error
    return 0
  } finally {
    if (fd !== undefined) closeSync(fd)
  }
}
