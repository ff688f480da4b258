// The pages of one guest, recorded during its scan: private pages in the records of all guests, merged pages by their
// frame; pages of zeros are only counted.
import { isNearShared } from '../kernel/pagemap.ts'
import type { HashRecords } from './records/hash-records.ts'
import { type SiteKind, siteKind, siteWord } from './records/record-layout.ts'
import type { WordList } from './records/words.ts'
import type { FrameSet } from './scan/frame-kinds.ts'
import type { MergedFrames } from './scan/merged-frames.ts'
import type { FrameSink } from './scan/scan.ts'

/** What the guests of one scan have in common. */
export interface ScanRecords {
  readonly records: HashRecords
  readonly frames: MergedFrames
  /** Frame index of each merged page that was not left out, guest by guest. */
  readonly mergedSites: WordList
  /** Merged frames whose contents are not among those sampled; absent where all are kept. */
  readonly leftOut?: FrameSet
  /** The hash of a page of zeros. */
  readonly zero: { readonly lower: number; readonly upper: number }
}

/** Of `mergedSites`, those from `from` to before `to`. */
export interface Stretch {
  readonly from: number
  to: number
}

export class GuestPages implements FrameSink {
  presentPages = 0
  /** Pages of zeros in frames that KSM may merge, and in frames that it never merges, the kernel's zero page included. */
  zeroPrivatePages = 0
  zeroUnmergeablePages = 0
  /** Pages that map the kernel's zero page. */
  kernelZeroPages = 0
  /** Pages in frames that KSM may merge, zeros included. */
  privatePages = 0
  /** Its merged pages, except `knownSites`. */
  readonly mergedSites: Stretch[] = []
  /** Frame indexes as an earlier scan listed them, not copied, since copies would touch more memory. */
  readonly knownSites: Uint32Array[] = []
  readonly #scan: ScanRecords
  readonly #index: number

  constructor(scan: ScanRecords, index: number) {
    this.#scan = scan
    this.#index = index
  }

  addPages(hashes: Uint32Array, count: number, kind: SiteKind): void {
    const zeros = this.#scan.records.append(hashes, count, siteWord(kind, this.#index), this.#scan.zero)
    this.presentPages += count
    if (kind === siteKind.private) {
      this.privatePages += count
      this.zeroPrivatePages += zeros
    } else {
      this.zeroUnmergeablePages += zeros
    }
  }

  addKnownFrames(entries: Int32Array, from: number, to: number): number {
    const { leftOut } = this.#scan
    let at = this.#addKnownSites(entries, from, to)
    if (leftOut === undefined) return at
    while (at < to) {
      const frame = (entries[at * 2] as number) >>> 0
      if (!isNearShared(entries[at * 2 + 1] as number) || !leftOut.has(frame)) break
      this.presentPages += 1
      at = this.#addKnownSites(entries, at + 1, to)
    }
    return at
  }

  #addKnownSites(entries: Int32Array, from: number, to: number): number {
    const { frames, mergedSites } = this.#scan
    const begin = mergedSites.length
    const indexes = mergedSites.reserve(to - from)
    const at = frames.addKnownSites(entries, from, to, this.#index, indexes, begin)
    this.presentPages += at - from
    this.#addStretch(begin, begin + at - from)
    return at
  }

  addKnownFrame(frame: number): boolean {
    const { frames, leftOut } = this.#scan
    if (leftOut?.has(frame)) {
      this.presentPages += 1
      return true
    }
    const index = frames.indexOf(frame)
    if (index < 0) return false
    this.#addMergedSite(index)
    return true
  }

  addFrame(frame: number, lower: number, upper: number): void {
    const { frames, records, leftOut, zero } = this.#scan
    const isZero = lower === zero.lower && upper === zero.upper
    if (leftOut !== undefined && !isZero && !records.keeps(lower)) {
      leftOut.addFrame(frame)
      this.presentPages += 1
      return
    }
    const known = frames.indexOf(frame)
    this.#addMergedSite(known < 0 ? frames.addFrame(frame, lower, upper) : known)
  }

  addKernelZeroPages(pages: number): void {
    this.presentPages += pages
    this.zeroUnmergeablePages += pages
    this.kernelZeroPages += pages
  }

  get mergedSiteCount(): number | undefined {
    return this.#scan.leftOut === undefined ? this.#scan.mergedSites.length : undefined
  }

  mergedSitesSince(count: number): Uint32Array {
    const { mergedSites } = this.#scan
    return mergedSites.subarray(count, mergedSites.length).slice()
  }

  addMergedSites(indexes: Uint32Array): void {
    this.presentPages += indexes.length
    this.#scan.frames.addSites(indexes, this.#index)
    this.knownSites.push(indexes)
  }

  #addMergedSite(index: number): void {
    const { frames, mergedSites } = this.#scan
    this.presentPages += 1
    frames.addSite(index, this.#index)
    const begin = mergedSites.length
    mergedSites.reserve(1)[begin] = index
    this.#addStretch(begin, begin + 1)
  }

  #addStretch(from: number, to: number): void {
    if (from === to) return
    this.#scan.mergedSites.length = to
    const last = this.mergedSites.at(-1)
    if (last?.to === from) last.to = to
    else this.mergedSites.push({ from, to })
  }
}
