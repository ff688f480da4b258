// Recognises streams: images, or parts of them, read in long sequential runs that the cache cannot hold.
import type { ImageFront } from './image-front.ts'
import type { RegionHistories } from './region-history.ts'
import type { ImageObservation } from './scrub-observation.ts'

export interface Stream {
  /** Regions read sequentially within the memory of the policy. */
  readonly regions: ReadonlySet<number>
  /** Where it is reading now: pages just read ahead that a guest still wants. */
  readonly heads: ReadonlySet<number>
  /** The kernel took pages of most of its regions which then came back: it does not hold this stream. */
  readonly lostByKernel: boolean
}

const sequentialFrom = 0.75
/** A stream that has brought nothing for so long has ended, or fits. */
const activeSeconds = 10

/** A stream begins and wraps now and then. What jumps oftener, after fewer MiB, is a reader of many files. */
const freeJumps = 2
const pagesPerJump = 1024

/** Whether what arrives goes on from where it was. */
function isSteady({ arrivedPages, jumps }: ImageFront): boolean {
  return jumps <= freeJumps + arrivedPages / pagesPerJump
}

export interface StreamContext {
  readonly now: number
  readonly front: ImageFront | undefined
  /** Regions that the kernel may have read ahead of the reader. */
  readonly readAheadRegions: number
}

/** The stream within an image, or undefined while nothing arrives in sequential runs. */
export function findStream(
  image: ImageObservation,
  histories: RegionHistories,
  { now, front, readAheadRegions }: StreamContext,
): Stream | undefined {
  if (front !== undefined && !isSteady(front)) return undefined
  const regions = new Set<number>()
  const found: number[] = []
  let active = false
  let lost = 0
  for (const [index, known] of histories) {
    if (known.found) found.push(index)
    if (known.sequentialRatio < sequentialFrom) continue
    regions.add(index)
    if (now - known.lastRunSeconds <= activeSeconds) active = true
    if (known.lostAndReread) lost += 1
  }
  if (!active) return undefined
  const lostByKernel = lost > regions.size / 2
  // What was there before the first look belongs to the stream where all that came since does.
  if (regions.size >= sequentialFrom * (histories.size - found.length))
    for (const index of found) regions.add(index)
  for (const index of holesIn(regions, histories)) regions.add(index)
  return { regions, heads: headsOf(image, readAheadRegions), lostByKernel }
}

/** Regions of which only scraps were missing when the stream passed: what arrived there was no run, but is stream. */
function holesIn(regions: ReadonlySet<number>, histories: RegionHistories): number[] {
  const near = (index: number, step: number) => regions.has(index + step) || regions.has(index + 2 * step)
  return [...histories.keys()].filter((index) => !regions.has(index) && near(index, 1) && near(index, -1))
}

/** The last regions of each group of neighbours that got pages since the last observation. */
function headsOf(image: ImageObservation, readAheadRegions: number): ReadonlySet<number> {
  const arrived = new Set<number>()
  for (const region of image.regions) if (region.arrivedPages > 0) arrived.add(region.index)
  const last = [...arrived].filter((index) => !arrived.has(index + 1))
  return new Set(last.flatMap((index) => Array.from({ length: readAheadRegions }, (_, back) => index - back)))
}
