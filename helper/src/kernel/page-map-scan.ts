// PAGEMAP_SCAN, an ioctl of /proc/<pid>/pagemap (Linux >= 6.7): its argument and its answers.

// Source: include/uapi/linux/fs.h, struct pm_scan_arg.
export const PAGEMAP_SCAN = 0xc060_6610
const argumentBytes = 96
/** Places of fields, in words of eight bytes. */
const field = {
  size: 0,
  start: 2,
  end: 3,
  vector: 5,
  vectorLength: 6,
  maxPages: 7,
  allOf: 9,
  returned: 11,
} as const
export const PAGE_IS_FILE = 1 << 2
export const PAGE_IS_PRESENT = 1 << 3
export const PAGE_IS_PFNZERO = 1 << 5

/** Of a region in the answer: its start, its end, its categories. */
const regionWords = 6
export const regionBytes = regionWords * 4

/** Looked through in one call where nothing is present: some milliseconds, also where empty page tables are left. */
const strideBytes = 64 * 2 ** 30

/** Where the kernel writes regions to. */
export interface RegionRoom {
  readonly address: number
  readonly words: Uint32Array
}

/** Addresses, and the categories of all pages in between. */
export type OnRegion = (start: number, end: number, categories: number) => void

export class PageMapScan {
  readonly #argument = new BigUint64Array(argumentBytes / 8)
  readonly #room: RegionRoom
  readonly #capacity: number

  constructor(room: RegionRoom) {
    this.#room = room
    this.#capacity = Math.floor(room.words.length / regionWords)
  }

  /**
   * Tells of all regions of present pages between two addresses, in order, each page once. `tell` names the categories,
   * beside presence, by which regions are told apart. `issue` makes the call and returns how many regions there are.
   *
   * Kernel trap: the answer's `walk_end` is not where the walk ended. The kernel collects 512 regions, writes them out
   * and walks on; what it leaves in `walk_end` is the place of the last such write (do_pagemap_scan sets it to the end
   * only where it is 0 still; seen on Linux 6.18). So an answer with room to spare is complete, and one without goes on
   * behind its last region.
   */
  list(
    start: number,
    end: number,
    tell: number,
    issue: (argument: BigUint64Array) => number,
    onRegion: OnRegion,
  ): void {
    for (let from = start; from < end; ) {
      this.#prepare(from, end, tell)
      const count = issue(this.#argument)
      let last = from
      for (let region = 0; region < count; region += 1) last = this.#tellRegion(region, onRegion)
      if (count < this.#capacity || last <= from) return
      from = last
    }
  }

  /**
   * Where the first window begins that has a present page, of windows of this size from `start` on; undefined where none
   * has. One call for each 64 GiB without any: the kernel stops at the first page, and passes over address space without
   * page tables by the GiB.
   */
  findWindow(
    start: number,
    end: number,
    windowBytes: number,
    issue: (argument: BigUint64Array) => number,
  ): number | undefined {
    for (let from = start; from < end; from += strideBytes) {
      this.#prepare(from, Math.min(end, from + strideBytes), 0)
      this.#argument[field.vectorLength] = 1n
      this.#argument[field.maxPages] = 1n
      if (issue(this.#argument) === 0) continue
      const first = addressAt(this.#room.words, 0)
      return start + Math.floor((first - start) / windowBytes) * windowBytes
    }
    return undefined
  }

  #prepare(start: number, end: number, tell: number): void {
    const argument = this.#argument
    argument.fill(0n)
    argument[field.size] = BigInt(argumentBytes)
    argument[field.start] = BigInt(start)
    argument[field.end] = BigInt(end)
    argument[field.vector] = BigInt(this.#room.address)
    argument[field.vectorLength] = BigInt(this.#capacity)
    argument[field.allOf] = BigInt(PAGE_IS_PRESENT)
    argument[field.returned] = BigInt(PAGE_IS_PRESENT | tell)
  }

  #tellRegion(region: number, onRegion: OnRegion): number {
    const { words } = this.#room
    const at = region * regionWords
    const end = addressAt(words, at + 2)
    onRegion(addressAt(words, at), end, words[at + 4] as number)
    return end
  }
}

function addressAt(words: Uint32Array, at: number): number {
  return (words[at] as number) + (words[at + 1] as number) * 0x1_0000_0000
}
