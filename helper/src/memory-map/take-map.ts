// Takes a map of the host: every page of guests' RAM and of images' cache in one state. Changes nothing.
import { most } from '../../../src/shared/contract/bounded.ts'
import type { MemoryMap } from '../../../src/shared/contract/memory-map.ts'
import type { Unreadable } from '../../../src/shared/contract/quantity.ts'
import { Problem } from '../../../src/shared/problem.ts'
import { wallClock } from '../../../src/shared/time/wall-clock.ts'
import { formatBytes } from '../../../src/shared/units.ts'
import { findGuests } from '../guests/guests.ts'
import { findVouchers } from '../identical-pages/records/holders.ts'
import { sharedPageChunk } from '../identical-pages/scan/page-hash.ts'
import { type PreparedScan, prepareGuests } from '../identical-pages/scan/scan-guests.ts'
import type { Image } from '../images/image.ts'
import { listImages } from '../images/list-images.ts'
import { pageSize } from '../kernel/page-size.ts'
import { systemProblem } from '../kernel/system-error.ts'
import { CostMeter } from '../pacing/cost-meter.ts'
import { Pace } from '../pacing/pace.ts'
import type { ScanOptions } from '../pacing/scan-options.ts'
import { countImagePages } from '../page-cache/count-image-pages.ts'
import { ImageReader } from '../page-cache/image-reader.ts'
import { requirePrivilege } from '../probe/privilege.ts'
import { type ComparedImage, compareStrips } from './compare-strips.ts'
import { ramPages, scanGuestStrip } from './scan-guest.ts'
import { scanImageStrip } from './scan-image.ts'
import { Strip } from './strip.ts'

export interface TakenMap extends Omit<MemoryMap, 'id' | 'strips'> {
  readonly strips: readonly Strip[]
}

/** Pages of guests up to which contents are compared: 64 GiB. It takes 9 bytes a page, and as much again for a while. */
const maxComparedPages = 2 ** 24
/** Of one image, which may say that it has 8 EiB: 256 GiB. */
const maxImagePages = 2 ** 26
/** Of guests' RAM, present or not: 512 GiB. Memory that is never touched is only mapped, but that has a limit too. */
const maxMappedPages = 2 ** 27

/** `release` its strips. Throws `not-permitted`, `cancelled`. */
export async function takeMap(options: ScanOptions, wantsContents: boolean): Promise<TakenMap> {
  requirePrivilege('map the memory of this host')
  const meter = new CostMeter()
  const at = wallClock()
  const { guests, unreadable: leftOut } = await findGuests(options.root)
  const { images, unreadable: unlisted } = await listImages(options.root, guests)
  const { prepared, unreadable: unprepared } = await prepareGuests(guests, options)
  const presentPages = prepared.reduce((sum, scan) => sum + scan.presentPages, 0)
  const allPages = prepared.reduce((sum, { scan }) => sum + ramPages(scan), 0)
  const fits = presentPages <= maxComparedPages && allPages <= maxMappedPages
  const contents = wantsContents && fits
  const pace = new Pace(options, presentPages + countImagePages(images))
  const work = new MapWork(options, pace, contents)
  try {
    await work.readGuests(prepared.slice(0, most.guests))
    await work.readImages(images.slice(0, most.images), prepared.slice(0, most.guests))
    if (contents) await compareStrips(work.guests, work.images, pace)
    for (const { sums } of work.strips) await sums.addInTurns(pace)
  } catch (error) {
    for (const strip of work.strips) strip.release()
    throw error
  }
  return {
    at,
    pageSize,
    contents,
    strips: work.strips,
    cost: meter.readCost(work.hashedPages * pageSize),
    unreadable: [...leftOut, ...unlisted, ...unprepared, ...work.unreadable],
  }
}

class MapWork {
  hashedPages = 0
  readonly guests: Strip[] = []
  readonly images: ComparedImage[] = []
  readonly unreadable: Unreadable[] = []
  readonly #options: ScanOptions
  readonly #pace: Pace
  readonly #contents: boolean
  readonly #chunk = sharedPageChunk()

  constructor(options: ScanOptions, pace: Pace, contents: boolean) {
    this.#options = options
    this.#pace = pace
    this.#contents = contents
  }

  get strips(): Strip[] {
    return [...this.guests, ...this.images.map(({ strip }) => strip)]
  }

  async readGuests(prepared: readonly PreparedScan[]): Promise<void> {
    for (const { guest, scan } of prepared) {
      const about = { kind: 'guest', pid: guest.pid, name: guest.name } as const
      // The place of a strip among them is the index of its guest, read or not.
      const strip = new Strip(about, ramPages(scan), this.#contents)
      this.guests.push(strip)
      await this.#orUnreadable(`/proc/${guest.pid}`, `map guest ${guest.name}`, async () => {
        const reading = { root: this.#options.root, pace: this.#pace }
        this.hashedPages += await scanGuestStrip(
          scan,
          strip,
          this.#contents ? { ...reading, chunk: this.#chunk } : reading,
        )
      })
    }
  }

  async readImages(images: readonly Image[], prepared: readonly PreparedScan[]): Promise<void> {
    const openers = prepared.map(({ guest, isMergeable }, index) => ({
      pid: guest.pid,
      index,
      shares: isMergeable,
    }))
    for (const image of images) {
      await this.#orUnreadable(image.path, `map image ${image.label}`, async () => {
        const { path, id, guests } = image
        const { strip, hashedPages } = await scanImageStrip(
          image,
          { kind: 'image', name: image.label, path, id, guests },
          {
            pace: this.#pace,
            zero: this.#chunk.zero,
            maxPages: maxImagePages,
            ...(this.#contents && { reader: new ImageReader(this.#chunk) }),
          },
        )
        this.hashedPages += hashedPages
        if (strip.pages === maxImagePages) this.unreadable.push(describeCut(image))
        this.images.push({ strip, vouchers: findVouchers(guests, openers, prepared.length) })
      })
    }
  }

  async #orUnreadable(path: string, doing: string, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      if (this.#options.signal.aborted) throw error
      this.unreadable.push({ path, problem: systemProblem(error, doing).toData() })
    }
  }
}

function describeCut({ path }: Image): Unreadable {
  const size = formatBytes(maxImagePages * pageSize)
  return {
    path,
    problem: new Problem('not-supported', `only the first ${size} of ${path} are on the map`).toData(),
  }
}
