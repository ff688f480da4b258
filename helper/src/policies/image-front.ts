// Where an image is being read: what tells a stream from a reader of many files.
import type { ImageObservation } from './scrub-observation.ts'

/** Where an image is being read: a stream goes on from where it was, a reader of many files jumps. */
export interface ImageFront {
  /** The last region of each group of neighbours that got pages at the last look at which some did. */
  readonly heads: ReadonlySet<number>
  /** Of late: arrivals, and groups that began elsewhere than at a head. */
  readonly arrivedPages: number
  readonly jumps: number
}

/** Over which a front is judged. */
const frontSeconds = 10

/** Pure. `before` undefined: the image is new. */
export function followFront(
  before: ImageFront | undefined,
  image: ImageObservation,
  regionPages: number,
  elapsed: number,
): ImageFront {
  // Everything has just arrived at the first look.
  if (before === undefined || elapsed <= 0) return { heads: new Set(), arrivedPages: 0, jumps: 0 }
  const arrived = new Set<number>()
  for (const region of image.regions) if (region.arrivedPages > 0) arrived.add(region.index)
  const starts = [...arrived].filter((index) => !arrived.has(index - 1))
  const full = new Set<number>()
  for (const { index, residentPages } of image.regions) if (residentPages === regionPages) full.add(index)
  // What is cached between a head and the next arrivals was passed without a read.
  const goesOn = (start: number) => {
    let at = start
    while (!before.heads.has(at) && full.has(at - 1) && !arrived.has(at - 1)) at -= 1
    return before.heads.has(at) || before.heads.has(at - 1) || arrived.has(at - 1)
  }
  const keep = Math.exp(-elapsed / frontSeconds)
  return {
    heads:
      arrived.size === 0 ? before.heads : new Set([...arrived].filter((index) => !arrived.has(index + 1))),
    arrivedPages:
      before.arrivedPages * keep + image.regions.reduce((sum, region) => sum + region.arrivedPages, 0),
    jumps: before.jumps * keep + starts.filter((start) => !goesOn(start)).length,
  }
}
