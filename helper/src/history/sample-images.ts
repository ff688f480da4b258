// How much of each image is in the page cache, counted by the kernel without looking at pages where it can.
import type { SampledImage } from '../../../src/shared/contract/history.ts'
import type { Unreadable } from '../../../src/shared/contract/quantity.ts'
import type { Image } from '../images/image.ts'
import { processProblem } from '../kernel/system-error.ts'
import type { CountedImage, ResidencyCounter } from '../page-cache/residency-counter.ts'

export interface ImageFigures {
  readonly images: SampledImage[]
  readonly unreadable: Unreadable[]
}

/** Remembers what was counted by looking at every page: such images are counted in every fifth sample only. */
export class ImageSampler {
  readonly #counter: ResidencyCounter
  #walked = new Map<string, CountedImage>()

  constructor(counter: ResidencyCounter) {
    this.#counter = counter
  }

  /** Images that bypass the page cache are left out: they have no resident bytes, which is not the same as 0. */
  async sampleImages(images: readonly Image[], mayWalk: boolean): Promise<ImageFigures> {
    const figures: ImageFigures = { images: [], unreadable: [] }
    const walked = new Map<string, CountedImage>()
    for (const image of images.filter(({ notApplicable }) => notApplicable === undefined)) {
      try {
        const counted = (await this.#counter.count(image, mayWalk)) ?? this.#walked.get(image.id)
        if (counted === undefined) continue
        const { isWalked, ...figure } = counted
        if (isWalked) walked.set(image.id, counted)
        figures.images.push({ path: image.path, id: image.id, ...figure })
      } catch (error) {
        const problem = processProblem(error, `count the resident pages of ${image.label}`)
        figures.unreadable.push({ path: image.path, problem: problem.toData() })
      }
    }
    this.#walked = walked
    return figures
  }
}
