// The maps that a session holds for its views: the last two, so that one can be laid over the other.
import { randomUUID } from 'node:crypto'
import {
  type MapCells,
  type MapPage,
  type MapView,
  type MemoryMap,
  maxMapCells,
  pageStates,
  pageTraits,
} from '../../../src/shared/contract/memory-map.ts'
import { Problem } from '../../../src/shared/problem.ts'
import { pageSize } from '../kernel/page-size.ts'
import type { ScanOptions } from '../pacing/scan-options.ts'
import { pageBits, stateTables, traitTables } from './page-bits.ts'
import type { Strip } from './strip.ts'
import { type TakenMap, takeMap } from './take-map.ts'
import { viewCells } from './view-cells.ts'

const maxMaps = 2
/** Of one map beside which a second is held: a TiB whose contents were not compared, or 113 GiB whose contents were. */
const maxBytesBeside = 2 ** 28

interface HeldMap {
  readonly id: string
  readonly taken: TakenMap
}

export class MapKeeper {
  #held: HeldMap[] = []

  async takeMap(options: ScanOptions, contents: boolean): Promise<MemoryMap> {
    // Room for the new one first: two are held, never three.
    while (this.#held.length >= maxMaps || this.#held.some(isLarge)) this.#drop(0)
    const taken = await takeMap(options, contents)
    const id = randomUUID()
    this.#held.push({ id, taken })
    const { strips, ...about } = taken
    return { ...about, id, strips: strips.map(describeStrip) }
  }

  /** Throws `gone` for a map that is not held any more. */
  view({ map, strips, cells }: MapView): MapCells {
    const { taken } = this.#find(map)
    const each = Math.max(1, Math.min(cells, Math.floor(maxMapCells / strips.length)))
    return {
      strips: strips.map(({ index, from, to }) => ({
        index,
        ...viewCells(stripAt(taken, index), { from, to }, each),
      })),
    }
  }

  describePage(query: { readonly map: string; readonly index: number; readonly page: number }): MapPage {
    const held = this.#find(query.map)
    const strip = stripAt(held.taken, query.index)
    const byte = strip.bits[query.page]
    if (byte === undefined)
      throw new Problem('bad-input', `cannot describe page ${query.page}: the strip ends before it`)
    const { kind } = strip.about
    const traits = traitTables[kind][byte] as number
    const since = this.#sameSince(held, strip, query)
    return {
      state: pageStates[stateTables[kind][byte] as number] ?? 'unreadable',
      traits: pageTraits.filter((_, index) => (traits & (1 << index)) !== 0),
      sharedWith: findSame(held.taken.strips, strip, query.page),
      ...(since !== undefined && { sameSince: since }),
    }
  }

  #sameSince(held: HeldMap, strip: Strip, { page }: { readonly page: number }): number | undefined {
    const earlier = this.#held[this.#held.indexOf(held) - 1]?.taken
    const same = earlier?.strips.find(({ about }) => isSameStrip(about, strip.about))
    if (!earlier || !same || !isCompared(strip, page) || !isCompared(same, page)) return undefined
    const at = page * 2
    const isEqual = same.hashes[at] === strip.hashes[at] && same.hashes[at + 1] === strip.hashes[at + 1]
    return isEqual ? earlier.at : undefined
  }

  #find(id: string): HeldMap {
    const held = this.#held.find((one) => one.id === id)
    if (!held)
      throw new Problem('gone', 'cannot show the map: the helper holds it no longer', {
        remedy: 'Take a new one.',
      })
    return held
  }

  #drop(index: number): void {
    for (const { taken } of this.#held.splice(index, 1)) for (const strip of taken.strips) strip.release()
  }
}

/** Pages that were never touched cost nothing, and are counted all the same. */
function isLarge({ taken }: HeldMap): boolean {
  const bytes = taken.strips.reduce((sum, { bits, hashes }) => sum + bits.byteLength + hashes.byteLength, 0)
  return bytes > maxBytesBeside
}

function describeStrip(strip: Strip, index: number): MemoryMap['strips'][number] {
  const { states, traits } = strip.count()
  const { guests, ...about } = strip.about
  return {
    index,
    ...about,
    ...(guests && { guests: [...guests] }),
    pages: strip.pages,
    stateBytes: states.map((pages) => pages * pageSize),
    traitBytes: traits.map((pages) => pages * pageSize),
  }
}

function stripAt({ strips }: TakenMap, index: number): Strip {
  const strip = strips[index]
  if (!strip) throw new Problem('not-found', `cannot show strip ${index}: the map has ${strips.length}`)
  return strip
}

function isSameStrip(a: Strip['about'], b: Strip['about']): boolean {
  return a.kind === b.kind && a.pid === b.pid && a.id === b.id
}

function isCompared({ bits, hashes }: Strip, page: number): boolean {
  // Pages of the kernel's zero page have no hash of their own, and need none.
  return hashes.length > 0 && ((bits[page] ?? 0) & pageBits.compared) !== 0
}

function findSame(strips: readonly Strip[], strip: Strip, page: number): MapPage['sharedWith'] {
  if (!isCompared(strip, page)) return []
  const isZero = ((strip.bits[page] as number) & pageBits.zero) !== 0
  const [lower, upper] = [strip.hashes[page * 2] as number, strip.hashes[page * 2 + 1] as number]
  return strips.flatMap((other, index) => {
    const pages = isZero ? countBits(other, pageBits.zero) : countHash(other, lower, upper)
    return pages === 0 ? [] : [{ index, pages }]
  })
}

function countBits({ bits }: Strip, bit: number): number {
  let pages = 0
  for (let page = 0; page < bits.length; page += 1) if (((bits[page] as number) & bit) !== 0) pages += 1
  return pages
}

function countHash({ bits, hashes }: Strip, lower: number, upper: number): number {
  let pages = 0
  for (let page = 0; page < bits.length; page += 1) {
    if (hashes[page * 2] !== lower || hashes[page * 2 + 1] !== upper) continue
    if (((bits[page] as number) & pageBits.compared) !== 0) pages += 1
  }
  return pages
}
