// Recognises streams: images, or parts of them, read in long sequential runs that the cache cannot hold.
import type { RegionHistories } from './region-history.ts'
import type { ImageObservation } from './scrub-observation.ts'

export interface Stream {
  /** Regions read sequentially within the memory of the policy. */
  readonly regions: ReadonlySet<number>
  /** Where it is reading now: pages just read ahead that a guest still wants. */
  readonly heads: ReadonlySet<number>
  /** The kernel took pages of it which then came back. */
  readonly lostByKernel: boolean
}

const sequentialFrom = 0.75
/** A stream that has brought nothing for so long has ended, or fits. */
const activeSeconds = 10

/** The stream within an image, or undefined while nothing arrives in sequential runs. */
export function findStream(
  image: ImageObservation,
  histories: RegionHistories,
  now: number,
): Stream | undefined {
  const regions = new Set<number>()
  let active = false
  let lostByKernel = false
  for (const [index, known] of histories) {
    if (known.sequentialRatio < sequentialFrom) continue
    regions.add(index)
    if (now - known.lastArrivalSeconds <= activeSeconds) active = true
    if (known.lostAndReread) lostByKernel = true
  }
  return active ? { regions, heads: headsOf(image), lostByKernel } : undefined
}

/** The last region of each group of neighbours that got pages since the last observation. */
function headsOf(image: ImageObservation): ReadonlySet<number> {
  const arrived = new Set<number>()
  for (const region of image.regions) if (region.arrivedPages > 0) arrived.add(region.index)
  return new Set([...arrived].filter((index) => !arrived.has(index + 1)))
}
