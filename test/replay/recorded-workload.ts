// Turns a recording into a workload for the page-cache model.
//
// A recording knows which regions pages arrived in and how many, not which pages, and no hits. So for each region a
// shadow of what was resident is kept with the recorded counts: sequential arrivals continue at the first absent
// page, others are drawn from the absent pages. Hit ratios of such replays count only what had to be fetched when
// the recording was made: compare policies by them, do not quote them.

import type { Recording } from '../../helper/src/policies/recording.ts'
import type {
  ImageObservation,
  RegionObservation,
  ScrubObservation,
} from '../../helper/src/policies/scrub-observation.ts'
import { createRandom, type Random } from '../../src/shared/statistics/random.ts'
import { withValue } from '../../src/shared/with-value.ts'
import type { ModelGuest } from './page-cache-model.ts'
import type { Load, Workload } from './workloads.ts'

export function recordedWorkload(recording: Recording, seed = 1): Workload {
  const { observations, header } = recording
  const first = observations[0] as ScrubObservation
  const last = observations.at(-1) as ScrubObservation
  const paths = [...new Set(observations.flatMap((seen) => seen.images.map((image) => image.path)))]
  const images = paths.map((path) => ({ path, pages: pagesOf(observations, path) }))
  const guests: ModelGuest[] = []
  const loads: Load[] = []
  paths.forEach((path, image) => {
    loads.push(recordedLoad(observations, path, { guest: guests.length, image }, createRandom(seed + image)))
    guests.push(...holdersOf(observations, path, image))
  })
  const limitPages = Math.max(1, ...observations.map((seen) => seen.memory.imageCacheLimitPages))
  return {
    name: 'recording',
    title: header.source,
    layout: { images, guests, limitPages, regionPages: first.regionPages },
    loads,
    storageReadsPerSecond: Number.POSITIVE_INFINITY,
    ...withValue({ runPrice: runPriceOf(observations) }),
    recorded: true,
    seconds: Math.ceil(last.atSeconds - first.atSeconds) + 1,
  }
}

/** Of the recording's own storage; undefined: it holds no count of its reads. */
function runPriceOf(observations: readonly ScrubObservation[]): number | undefined {
  let [reads, shortRuns, pages] = [0, 0, 0]
  for (const { storageReads, images } of observations.slice(1)) {
    if (storageReads === undefined) continue
    reads += storageReads
    for (const { regions } of images)
      for (const region of regions) {
        shortRuns += region.shortRuns ?? region.arrivedPages - region.sequentialPages
        pages += region.sequentialPages
      }
  }
  return pages === 0 ? undefined : Math.min(1, Math.max(1 / 512, (reads - shortRuns) / pages))
}

function imagesAt(observations: readonly ScrubObservation[], path: string): ImageObservation[] {
  return observations.flatMap((seen) => seen.images.filter((image) => image.path === path))
}

function pagesOf(observations: readonly ScrubObservation[], path: string): number {
  const regionPages = observations[0]?.regionPages ?? 1
  const indices = imagesAt(observations, path).flatMap((image) => image.regions.map((region) => region.index))
  return (indices.reduce((most, index) => Math.max(most, index), 0) + 1) * regionPages
}

/** The first guest of an image does all the reading; it can hold what was double cached at most. */
function holdersOf(observations: readonly ScrubObservation[], path: string, image: number): ModelGuest[] {
  const seen = imagesAt(observations, path)
  const doubles = seen.map((at) =>
    at.regions.reduce((sum, region) => sum + (region.doubleCachedPages ?? 0), 0),
  )
  const count = Math.max(1, ...seen.map((at) => at.guests))
  return Array.from({ length: count }, (_, index) => ({
    name: count === 1 ? path : `${path}#${index + 1}`,
    cachePages: index === 0 ? Math.max(0, ...doubles) : 0,
    images: [image],
  }))
}

function recordedLoad(
  observations: readonly ScrubObservation[],
  path: string,
  place: { readonly guest: number; readonly image: number },
  random: Random,
): Load {
  const start = observations[0]?.atSeconds ?? 0
  const regionPages = observations[0]?.regionPages ?? 1
  const shadows = new Map<number, RegionShadow>()
  let step = 0
  let queue: number[] = []
  let taken = 0
  const next = (second: number) => {
    while (taken === queue.length) {
      const seen = observations[step]
      if (seen === undefined || seen.atSeconds - start > second) return undefined
      queue = seen.images
        .filter((image) => image.path === path)
        .flatMap((image) => arrivalsOf(image, step === 0))
      taken = 0
      step += 1
    }
    taken += 1
    return queue[taken - 1]
  }
  const arrivalsOf = (image: ImageObservation, everything: boolean) => {
    const regions = new Map(image.regions.map((region) => [region.index, region]))
    for (const [index, shadow] of shadows) if (!regions.has(index)) shadow.clear()
    return image.regions.flatMap((region) => {
      const shadow = shadows.get(region.index) ?? new RegionShadow(regionPages, random)
      shadows.set(region.index, shadow)
      const arrived = everything ? region.residentPages : region.arrivedPages
      return shadow
        .follow({ ...region, arrivedPages: arrived })
        .map((page) => region.index * regionPages + page)
    })
  }
  return { ...place, next, rate: Number.POSITIVE_INFINITY }
}

/** Which pages of a region may have been resident, so that their number is as recorded. */
class RegionShadow {
  /** Oldest first. */
  #resident: number[] = []
  readonly #pages: number
  readonly #random: Random

  constructor(pages: number, random: Random) {
    this.#pages = pages
    this.#random = random
  }

  clear(): void {
    this.#resident = []
  }

  /** The pages that arrive. */
  follow(region: RegionObservation): number[] {
    const leave = this.#resident.length + region.arrivedPages - region.residentPages
    if (leave > 0) this.#resident.splice(0, leave)
    const here = new Set(this.#resident)
    const absent: number[] = []
    for (let page = 0; page < this.#pages; page += 1) if (!here.has(page)) absent.push(page)
    const arrived = absent.splice(0, region.sequentialPages)
    while (arrived.length < region.arrivedPages && absent.length > 0)
      arrived.push(...absent.splice(this.#random.below(absent.length), 1))
    this.#resident.push(...arrived)
    return arrived
  }
}
