// Present pages of a process: which may be read without faulting anything in.
import { closeSync, readSync } from 'node:fs'
import type { KernelRoot } from './kernel-root.ts'
import { ioctl } from './libc.ts'
import { PinnedBuffer } from './mappings.ts'
import { PAGE_IS_FILE, PAGE_IS_PFNZERO, PAGEMAP_SCAN, PageMapScan, regionBytes } from './page-map-scan.ts'
import { pageSize } from './page-size.ts'
import { isFilePage, isPresent, openPageMap, pagemapEntryBytes } from './pagemap.ts'
import { errnoOf, processProblem } from './system-error.ts'
import { watchedRead } from './watched-read.ts'

/** `entries` reads /proc/<pid>/pagemap itself, as kernels before 6.7 need it. */
export type PresentBy = 'scan' | 'entries'

/** A run of present pages of one kind. */
export interface PresentRun {
  readonly start: number
  readonly pages: number
  /** Maps the kernel's zero page, which costs no frame. Never set where entries are read. */
  readonly kernelZero: boolean
  /** Page of a mapped file, or shared: not one that KSM may merge. Only where that is asked for. */
  readonly file: boolean
}

const maxRegions = 4096
const entriesAtOnce = 8192
/** Counting keeps no more runs than memory of this size can have. */
const countedBytes = 256 * 2 ** 20

/** What the kernel's answers are written to: one for all, as nothing is awaited between an answer and its reading. */
class Answers {
  readonly #regions = new PinnedBuffer(maxRegions * regionBytes)
  readonly scan = new PageMapScan({
    address: this.#regions.address,
    words: new Uint32Array(this.#regions.bytes.buffer),
  })
  readonly entryBytes = new Uint8Array(entriesAtOnce * pagemapEntryBytes)
  /** Signed, as the engine handles numbers beyond 31 bits several times slower. */
  readonly entryWords = new Int32Array(this.entryBytes.buffer)
}
let answers: Answers | undefined

/** Source: /proc/<pid>/pagemap, by its ioctl(2) PAGEMAP_SCAN where there is one. Needs the right to trace the process. */
export class PresentPages {
  readonly #pid: number
  readonly #fd: number
  #how: 'scan' | 'entries'
  readonly #answers: Answers

  constructor(root: KernelRoot, pid: number, presentBy: PresentBy | undefined) {
    this.#pid = pid
    this.#how = presentBy ?? 'scan'
    answers ??= new Answers()
    this.#answers = answers
    this.#fd = openPageMap(root, pid)
  }

  /** Whether the kernel has answered scans so far. */
  get scans(): boolean {
    return this.#how === 'scan'
  }

  close(): void {
    closeSync(this.#fd)
  }

  /**
   * Runs between two addresses, in order. With `tellFilePages`, runs of file pages are told from others, for which the
   * kernel has to look at each page's frame: three times the cost.
   */
  list(start: number, end: number, tellFilePages = false): PresentRun[] {
    const runs = this.#orByEntries(() => this.#listByScan(start, end, tellFilePages))
    return runs === 'entries' ? this.#listByEntries(start, end) : runs
  }

  /**
   * Where the first window begins that has a present page, of windows of this size from `start` on; `end` where none has.
   * Memory that nobody wrote to costs its guest nothing, and a TiB of it is 65,536 windows to look at. Where entries are
   * read, `start`: finding out is as costly as listing.
   */
  skipAbsent(start: number, end: number, windowBytes: number): number {
    const found = this.#orByEntries(() => this.#answers.scan.findWindow(start, end, windowBytes, this.#issue))
    return found === 'entries' ? start : (found ?? end)
  }

  /** Present pages between two addresses, and of them those that the kernel tells to be its zero page. */
  count(start: number, end: number): { readonly pages: number; readonly kernelZeroPages: number } {
    let [pages, kernelZeroPages] = [0, 0]
    for (let from = start; from < end; from += countedBytes) {
      from = this.skipAbsent(from, end, countedBytes)
      for (const run of this.list(from, Math.min(end, from + countedBytes))) {
        pages += run.pages
        if (run.kernelZero) kernelZeroPages += run.pages
      }
    }
    return { pages, kernelZeroPages }
  }

  /** The page map's entries of some pages, as pairs of words; valid until anyone's next call. At most 8192 pages. */
  readEntries(start: number, pages: number): Int32Array {
    const { entryBytes, entryWords } = this.#answers
    const offset = (start / pageSize) * pagemapEntryBytes
    try {
      const length = watchedRead(this.#pid, () =>
        readSync(this.#fd, entryBytes, 0, pages * pagemapEntryBytes, offset),
      )
      // Past the end of the address space, or of the process: nothing is present.
      entryBytes.fill(0, length, pages * pagemapEntryBytes)
    } catch (error) {
      throw processProblem(error, `read the page map of process ${this.#pid}`)
    }
    return entryWords
  }

  /** `entries`: this kernel answers no scans. */
  #orByEntries<T>(scan: () => T): T | 'entries' {
    try {
      if (this.#how === 'scan') return scan()
    } catch (error) {
      if (errnoOf(error) !== 'ENOTTY')
        throw processProblem(error, `scan the page map of process ${this.#pid}`)
      this.#how = 'entries'
    }
    return 'entries'
  }

  readonly #issue = (argument: BigUint64Array): number =>
    watchedRead(this.#pid, () => ioctl(this.#fd, PAGEMAP_SCAN, argument))

  #listByScan(start: number, end: number, tellFilePages: boolean): PresentRun[] {
    const runs: PresentRun[] = []
    const tell = PAGE_IS_PFNZERO | (tellFilePages ? PAGE_IS_FILE : 0)
    this.#answers.scan.list(start, end, tell, this.#issue, (from, to, categories) => {
      runs.push({
        start: from,
        pages: (to - from) / pageSize,
        kernelZero: (categories & PAGE_IS_PFNZERO) !== 0,
        file: (categories & PAGE_IS_FILE) !== 0,
      })
    })
    return runs
  }

  #listByEntries(start: number, end: number): PresentRun[] {
    const runs: PresentRun[] = []
    for (let at = start; at < end; at += entriesAtOnce * pageSize) {
      const pages = Math.min(entriesAtOnce, (end - at) / pageSize)
      const entries = this.readEntries(at, pages)
      let first = 0
      for (let i = 1; i <= pages; i += 1) {
        if (i < pages && sameKind(entries[first * 2 + 1] ?? 0, entries[i * 2 + 1] ?? 0)) continue
        const upper = entries[first * 2 + 1] ?? 0
        const run = {
          start: at + first * pageSize,
          pages: i - first,
          kernelZero: false,
          file: isFilePage(upper),
        }
        if (isPresent(upper)) runs.push(run)
        first = i
      }
    }
    return runs
  }
}

function sameKind(a: number, b: number): boolean {
  return isPresent(a) === isPresent(b) && isFilePage(a) === isFilePage(b)
}
