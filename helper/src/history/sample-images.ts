// How much of each image is in the page cache, counted by the kernel without looking at pages where it can.
import { closeSync, openSync } from 'node:fs'
import type { SampledImage } from '../../../src/shared/contract/history.ts'
import type { Unreadable } from '../../../src/shared/contract/quantity.ts'
import type { Image } from '../images/images.ts'
import { processProblem } from '../kernel/system-error.ts'

/** Counts resident bytes of an open image. `cheap` is false where it has to walk a page map. */
export interface ResidencyCounter {
  readonly cheap: boolean
  count(fd: number, sizeBytes: number): Omit<SampledImage, 'path'>
}

export interface ImageFigures {
  readonly images: SampledImage[]
  readonly unreadable: Unreadable[]
}

/** Images that bypass the page cache are left out: they have no resident bytes, which is not the same as 0. */
export function sampleImages(images: readonly Image[], counter: ResidencyCounter): ImageFigures {
  const figures: ImageFigures = { images: [], unreadable: [] }
  for (const image of images.filter(({ notApplicable }) => notApplicable === undefined)) {
    try {
      figures.images.push({ path: image.path, ...countResident(image, counter) })
    } catch (error) {
      const problem = processProblem(error, `count the resident pages of ${image.path}`)
      figures.unreadable.push({ path: image.path, problem: problem.toData() })
    }
  }
  return figures
}

function countResident(image: Image, counter: ResidencyCounter): Omit<SampledImage, 'path'> {
  // Opened anew each time: a descriptor kept would keep a deleted image on disk.
  const fd = openSync(image.openPath, 'r')
  try {
    return counter.count(fd, image.sizeBytes)
  } finally {
    closeSync(fd)
  }
}
