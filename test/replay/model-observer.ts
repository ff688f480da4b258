// Observes a page-cache model as the engine observes a host: by differences of residency between two looks.

import type { GuestReads, ScrubObservation } from '../../helper/src/policies/scrub-observation.ts'
import {
  type ImageObservation,
  type RegionObservation,
  sequentialRunPages,
} from '../../helper/src/policies/scrub-observation.ts'
import type { PageCacheModel } from './page-cache-model.ts'

/** A page that comes back within this time after its eviction counts as returned. */
export const regretWindowSeconds = 60

/** What storage did since the last look, and guests asked of it. */
export interface ModelStorage {
  readonly readLatencySeconds?: number
  readonly storageBusyRatio: number
  readonly storageReads: number
  readonly guests: GuestReads[]
}

export class ModelObserver {
  readonly #model: PageCacheModel
  readonly #wasResident: Uint8Array
  returnedPages = 0

  constructor(model: PageCacheModel) {
    this.#model = model
    this.#wasResident = new Uint8Array(model.pages)
  }

  observe(storage: ModelStorage): ScrubObservation {
    const { layout, host, nowSeconds } = this.#model
    return {
      atSeconds: nowSeconds,
      pageBytes: 4096,
      regionPages: layout.regionPages,
      memory: {
        imageCachePages: host.size,
        imageCacheLimitPages: layout.limitPages,
        pressureRatio: host.size >= host.capacity ? 0.1 : 0,
      },
      ...storage,
      images: layout.images.map((_, image) => this.#observeImage(image)),
    }
  }

  /** Looks again after evictions, so that a page that comes back at once counts as an arrival. */
  lookAgain(): void {
    for (let page = 0; page < this.#model.pages; page += 1)
      if (this.#wasResident[page] === 1 && !this.#model.host.has(page)) this.#wasResident[page] = 0
  }

  #observeImage(image: number): ImageObservation {
    const { layout, starts } = this.#model
    const pages = layout.images[image]?.pages ?? 0
    const regions: RegionObservation[] = []
    for (let index = 0; index * layout.regionPages < pages; index += 1) {
      const region = this.#observeRegion((starts[image] as number) + index * layout.regionPages, index, image)
      if (region !== undefined) regions.push(region)
    }
    return {
      path: layout.images[image]?.path ?? '',
      guests: this.#model.openersOf(image),
      foreignWriter: false,
      regions,
    }
  }

  #observeRegion(from: number, index: number, image: number): RegionObservation | undefined {
    const [model, wasResident] = [this.#model, this.#wasResident]
    const openers = model.openersOf(image)
    let [resident, arrived, sequential, returned, doubles, heldByAll, dirty, run, shortRuns] =
      Array(9).fill(0)
    for (let page = from; page < from + model.layout.regionPages; page += 1) {
      const here = model.host.has(page)
      const holders = model.holders[page] as number
      const isNew = here && wasResident[page] === 0
      if (isNew) {
        arrived += 1
        run += 1
        if (run === 1) shortRuns += 1
        if (run === sequentialRunPages) shortRuns -= 1
        if (run === sequentialRunPages) sequential += run
        else if (run > sequentialRunPages) sequential += 1
        if (model.nowSeconds - (model.evictedAt[page] as number) <= regretWindowSeconds) returned += 1
        model.evictedAt[page] = Number.NEGATIVE_INFINITY
      } else run = 0
      if (here) {
        resident += 1
        dirty += model.dirty[page] as number
        if (holders > 0) doubles += 1
        if (holders >= openers) heldByAll += 1
      }
      wasResident[page] = here ? 1 : 0
    }
    this.returnedPages += returned
    if (resident === 0 && arrived === 0) return undefined
    return {
      index,
      residentPages: resident,
      arrivedPages: arrived,
      sequentialPages: sequential,
      shortRuns,
      returnedPages: returned,
      doubleCachedPages: doubles,
      heldByAllPages: heldByAll,
      dirtyPages: dirty,
    }
  }
}
