// Which images a policy's guards name: exclusions and floors, by whatever path leads to them.

import type { Guards } from '../../../src/shared/contract/policies.ts'
import type { Image } from '../images/image.ts'
import { NamedImages } from '../images/named-images.ts'
import type { KernelRoot } from '../kernel/kernel-root.ts'
import type { ImageObservation } from '../policies/scrub-observation.ts'

export class GuardedImages {
  readonly #guards: Pick<Guards, 'exclude' | 'imageFloors'>
  readonly #excluded: NamedImages
  readonly #floored: NamedImages

  /** Anew whenever images were listed: links and devices come and go with them. */
  constructor(root: KernelRoot, images: readonly Image[], guards: Pick<Guards, 'exclude' | 'imageFloors'>) {
    this.#guards = guards
    this.#excluded = new NamedImages(root, images, guards.exclude)
    this.#floored = new NamedImages(root, images, Object.keys(guards.imageFloors))
  }

  /** Of several floors that mean one image the highest counts. */
  guardsOf(image: Pick<Image, 'id'>): Pick<ImageObservation, 'excluded' | 'floorBytes'> {
    const floors = this.#floored.pathsOf(image).map((path) => this.#guards.imageFloors[path] ?? 0)
    return {
      excluded: this.#excluded.includes(image),
      ...(floors.length > 0 && { floorBytes: Math.max(...floors) }),
    }
  }

  /** Sentences: entries that mean no image, and so guard none. */
  explainUnmatched(): string[] {
    const unmatched = [
      ...this.#excluded.explainUnmatched('scrub.guards.exclude'),
      ...this.#floored.explainUnmatched('scrub.guards.imageFloors'),
    ]
    return unmatched.map(({ problem }) => problem.message)
  }
}
