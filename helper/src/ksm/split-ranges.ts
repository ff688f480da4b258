// Finds ranges of 2 MiB that were a huge page, were split, and hold nothing that merging freed.
import { closeSync, readSync } from 'node:fs'
import type { RamMapping } from '../guests/guest-ram.ts'
import type { KernelRoot } from '../kernel/kernel-root.ts'
import { FrameFlags, KPF_KSM, KPF_THP, KPF_ZERO_PAGE } from '../kernel/kpageflags.ts'
import { hugePageBytes } from '../kernel/mappings.ts'
import { pageSize } from '../kernel/page-size.ts'
import { frameNumber, isFilePage, isPresent, openPageMap, pagemapEntryBytes } from '../kernel/pagemap.ts'
import { watchedRead } from '../kernel/watched-read.ts'

const hugePages = hugePageBytes / pageSize
/** Read in one go: 128 MiB of memory, 256 KiB of page map. */
const rangesInBatch = 64
/** So many pages of a range still lie where its huge page had them, or it was none. */
const minInPlacePages = hugePages / 4

/** Looks through the page map of one guest. Needs CAP_SYS_ADMIN for frames and their flags. `close` it. */
export class SplitRanges {
  readonly #pid: number
  readonly #fd: number
  readonly #flags: FrameFlags
  readonly #bytes = new Uint8Array(rangesInBatch * hugePages * pagemapEntryBytes)
  readonly #words = new Int32Array(this.#bytes.buffer)

  constructor(root: KernelRoot, pid: number) {
    this.#pid = pid
    this.#fd = openPageMap(root, pid)
    try {
      this.#flags = new FrameFlags(root)
    } catch (error) {
      closeSync(this.#fd)
      throw error
    }
  }

  /**
   * Addresses of ranges that may be collapsed: all pages present, none in a huge page, none merged, none the zero
   * page, none of a file, and most of them in the frames of one former huge page. True as of the look. `undefined` follows
   * each 128 MiB: time for a pause, also where no range is found.
   */
  *listSplitRanges({ start, end }: Pick<RamMapping, 'start' | 'end'>): Generator<number | undefined> {
    const first = Math.ceil(start / hugePageBytes) * hugePageBytes
    const bytesInBatch = rangesInBatch * hugePageBytes
    for (let at = first; at + hugePageBytes <= end; at += bytesInBatch) {
      const ranges = Math.min(rangesInBatch, Math.floor((end - at) / hugePageBytes))
      const length = ranges * hugePages * pagemapEntryBytes
      const got = this.#readEntries((at / pageSize) * pagemapEntryBytes, length)
      const whole = Math.floor(got / (hugePages * pagemapEntryBytes))
      for (let range = 0; range < whole; range += 1)
        if (this.#isSplitInVain(range * hugePages)) yield at + range * hugePageBytes
      yield undefined
    }
  }

  /** Closes the page map and /proc/kpageflags. */
  close(): void {
    this.#flags.close()
    closeSync(this.#fd)
  }

  /** Returns the bytes that were read. */
  #readEntries(offset: number, length: number): number {
    return watchedRead(this.#pid, () => readSync(this.#fd, this.#bytes, 0, length, offset))
  }

  #isSplitInVain(first: number): boolean {
    for (let page = 0; page < hugePages; page += 1) {
      const upper = this.#words[(first + page) * 2 + 1] ?? 0
      if (!isPresent(upper) || isFilePage(upper)) return false
    }
    const base = this.#formerHugePage(first)
    return base !== undefined && this.#areAllOrdinary(first, base)
  }

  /** First frame of the huge page in which most of the range lay. */
  #formerHugePage(first: number): number | undefined {
    // Pages that were written since lie elsewhere: one of these will be in place nearly always.
    for (const page of [0, 101, 207, 313, 419, 511]) {
      const base = this.#frame(first + page) - page
      if (base <= 0 || base % hugePages !== 0) continue
      let inPlace = 0
      for (let other = 0; other < hugePages; other += 1)
        if (this.#frame(first + other) === base + other) inPlace += 1
      if (inPlace >= minInPlacePages) return base
    }
    return undefined
  }

  #areAllOrdinary(first: number, base: number): boolean {
    // Those that lie elsewhere first: among them is what was merged.
    for (let page = 0; page < hugePages; page += 1) {
      const frame = this.#frame(first + page)
      if (frame === base + page) continue
      this.#flags.readFrames(frame, 1)
      if (!isOrdinary(this.#flags.flagsOfFrame(frame))) return false
    }
    this.#flags.readFrames(base, hugePages)
    for (let page = 0; page < hugePages; page += 1)
      if (this.#frame(first + page) === base + page && !isOrdinary(this.#flags.flagsOfFrame(base + page)))
        return false
    return true
  }

  #frame(index: number): number {
    return frameNumber(this.#words[index * 2] ?? 0, this.#words[index * 2 + 1] ?? 0)
  }
}

function isOrdinary(flags: number): boolean {
  return (flags & (KPF_KSM | KPF_ZERO_PAGE | KPF_THP)) === 0
}
