// The contents that guests hold, for the scrub of images: who holds each of them, without counting.
import type { HashRecords, SortingThread } from '../identical-pages/records/hash-records.ts'
import { type HeldBy, heldBy, type Vouchers } from '../identical-pages/records/holders.ts'
import { recordWords } from '../identical-pages/records/record-layout.ts'
import type { MergedFrames } from '../identical-pages/scan/merged-frames.ts'
import type { FrameSink } from '../identical-pages/scan/scan.ts'
import { isNearShared } from '../kernel/pagemap.ts'
import type { Pace } from '../pacing/pace.ts'

interface Hash {
  readonly lower: number
  readonly upper: number
}

export interface ContentsScan {
  /**
   * `among`: distinct contents of images, sorted, each with the index of its image; guests are only looked up in them,
   * so that memory follows the smaller side. Else they are empty, and take all that guests hold, by their index.
   */
  readonly records: HashRecords
  readonly among: boolean
  readonly frames: MergedFrames
  /** The hash of a page of zeros. */
  readonly zero: Hash
  /** Of each image. */
  readonly vouchers: readonly Vouchers[]
  readonly guests: number
}

// Of a record's word, where contents of images are kept.
/** A guest that vouches for the image holds it. */
const vouchedBit = 1 << 31
/** Some guest does; in the first record of a content only. */
const heldBit = 1 << 30
const imageMask = heldBit - 1
/** So many records are gone through faster than by halving. */
const fewRecords = 8

/**
 * Fed with what guests hold through `sinkOf`, asked through `holderOf` after `finish`. Memory: one record for each
 * content of the smaller side.
 */
export class GuestContents {
  readonly #scan: ContentsScan
  /** By the guest's index: it holds a page of zeros. */
  readonly #zeroHolders: Uint8Array

  constructor(scan: ContentsScan) {
    this.#scan = scan
    this.#zeroHolders = new Uint8Array(scan.guests)
  }

  /** Takes what one guest holds. */
  sinkOf(guest: number): FrameSink {
    return new GuestContentsSink(this.#scan, guest, this.#zeroHolders)
  }

  /** Sorts what was found; to be called once, when all guests are read. */
  async finish(pace: Pace, thread?: SortingThread): Promise<void> {
    const { among, records } = this.#scan
    if (among) return
    await records.sort(pace, undefined, thread)
    await records.keepDistinct(pace)
  }

  /** Who holds a content that is cached of an image, given by its index: `allOpeners` is not told from `opener`. */
  holderOf(image: number, lower: number, upper: number): HeldBy {
    const { records, zero, among, vouchers } = this.#scan
    const those = vouchers[image] as Vouchers
    if (lower === zero.lower && upper === zero.upper) return this.#zeroHolder(those)
    const from = records.find(lower, upper)
    if (from < 0) return heldBy.nobody
    const end = records.endOf(from)
    if (!among) return this.#isHeldByAny(from, end, those) ? heldBy.opener : heldBy.others
    const at = findImage(records, from, end, image)
    if (at >= 0 && (wordAt(records, at) & vouchedBit) !== 0) return heldBy.opener
    return (wordAt(records, from) & heldBit) === 0 ? heldBy.nobody : heldBy.others
  }

  #zeroHolder({ indexes }: Vouchers): HeldBy {
    if (indexes.some((guest) => this.#zeroHolders[guest] === 1)) return heldBy.opener
    return this.#zeroHolders.includes(1) ? heldBy.others : heldBy.nobody
  }

  #isHeldByAny(from: number, end: number, vouchers: Vouchers): boolean {
    const { records } = this.#scan
    for (let record = from; record < end; record += 1) if (vouchers.has(wordAt(records, record))) return true
    return false
  }
}

class GuestContentsSink implements FrameSink {
  /** Sites are not listed. */
  readonly mergedSiteCount = undefined
  readonly #scan: ContentsScan
  readonly #guest: number
  readonly #zeroHolders: Uint8Array
  /** Indexes of the images that it vouches for, and the same by image. */
  readonly #images: readonly number[]
  readonly #vouchesFor: Uint8Array

  constructor(scan: ContentsScan, guest: number, zeroHolders: Uint8Array) {
    this.#scan = scan
    this.#guest = guest
    this.#zeroHolders = zeroHolders
    this.#images = [...scan.vouchers.keys()].filter((image) => scan.vouchers[image]?.has(guest))
    this.#vouchesFor = new Uint8Array(scan.vouchers.length)
    for (const image of this.#images) this.#vouchesFor[image] = 1
  }

  addPages(hashes: Uint32Array, count: number): void {
    const { among, records, zero } = this.#scan
    if (among) for (let i = 0; i < count * 2; i += 2) this.#mark(hashes[i] as number, hashes[i + 1] as number)
    else if (records.append(hashes, count, this.#guest, zero) > 0) this.addKernelZeroPages()
  }

  addKnownFrames(entries: Int32Array, from: number, to: number): number {
    let at = from
    for (; at < to; at += 1) {
      const frame = (entries[at * 2] as number) >>> 0
      if (!isNearShared(entries[at * 2 + 1] as number) || !this.addKnownFrame(frame)) break
    }
    return at
  }

  addKnownFrame(frame: number): boolean {
    const index = this.#scan.frames.indexOf(frame)
    if (index < 0) return false
    this.#addMerged(index)
    return true
  }

  addFrame(frame: number, lower: number, upper: number): void {
    const { frames } = this.#scan
    const known = frames.indexOf(frame)
    this.#addMerged(known < 0 ? frames.addFrame(frame, lower, upper) : known)
  }

  addKernelZeroPages(): void {
    this.#zeroHolders[this.#guest] = 1
  }

  mergedSitesSince(): Uint32Array {
    return new Uint32Array(0)
  }

  addMergedSites(indexes: Uint32Array): void {
    for (const index of indexes) this.#addMerged(index)
  }

  #addMerged(index: number): void {
    const { frames, among, records, zero } = this.#scan
    if (!frames.hasSiteOf(index, this.#guest)) {
      const [lower, upper] = [frames.lower(index), frames.upper(index)]
      if (among) this.#mark(lower, upper)
      else if (lower === zero.lower && upper === zero.upper) this.addKernelZeroPages()
      else records.addRecord(lower, upper, this.#guest)
    }
    frames.addSite(index, this.#guest)
  }

  #mark(lower: number, upper: number): void {
    const { records, zero } = this.#scan
    if (lower === zero.lower && upper === zero.upper) {
      this.addKernelZeroPages()
      return
    }
    const from = records.find(lower, upper)
    if (from < 0) return
    mark(records, from, heldBit)
    const end = records.endOf(from)
    if (end - from <= fewRecords) {
      for (let record = from; record < end; record += 1)
        if (this.#vouchesFor[wordAt(records, record) & imageMask] === 1) mark(records, record, vouchedBit)
      return
    }
    for (const image of this.#images) {
      const record = findImage(records, from, end, image)
      if (record >= 0) mark(records, record, vouchedBit)
    }
  }
}

/** Among the records of one content, in the order of their images; -1: the image does not have it. */
function findImage(records: HashRecords, from: number, end: number, image: number): number {
  let first = from
  let behind = end
  while (first < behind) {
    const middle = (first + behind) >>> 1
    if ((wordAt(records, middle) & imageMask) < image) first = middle + 1
    else behind = middle
  }
  return first < end && (wordAt(records, first) & imageMask) === image ? first : -1
}

function wordAt({ words }: HashRecords, record: number): number {
  return words[record * recordWords + 2] as number
}

function mark({ words }: HashRecords, record: number, bit: number): void {
  const at = record * recordWords + 2
  words[at] = (words[at] as number) | bit
}
