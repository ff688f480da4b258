// Frames that KSM has merged, with the hash of each, kept from one scan to the next: a merged page is write-protected,
// so as long as it stays merged its content stays, and it need not be read again.
//
// What is guaranteed. While ksmd has finished no pass since a frame was read, its hash counts as valid if the frame
// is still flagged as merged, or mapped more than once. A frame whose merged page went away could become another merged
// page only if ksmd looked twice at a page, one pass apart, and the kernel moved that page into the very frame in between
// (compaction): then one page would count with its old content until ksmd's next pass. Nothing is lost by it: see
// page-hash.ts. Once ksmd has finished a pass, everything is forgotten and read again.
import { isNearShared } from '../../kernel/pagemap.ts'
import { guestWords, type Holders } from '../records/holders.ts'
import type { SortedRecords } from '../records/sorted-records.ts'
import { FrameSet } from './frame-kinds.ts'
import { FrameTable, findIndex, maxFrame } from './frame-table.ts'
import { KnownWindows } from './known-windows.ts'
import { OrderedFrames } from './ordered-frames.ts'

const minCount = 1024
/** Stands for a frame in which no guest's page lies any more. */
const unlisted = 0
/** Above this ratio of gone frames the lists are compacted. That renumbers frames, so known windows are lost. */
const maxGoneRatio = 0.25

export class MergedFrames {
  count = 0
  /** Frames of one process that were not merged when last looked at, in this pass of ksmd. */
  readonly privateFrames = new FrameSet()
  readonly windows = new KnownWindows()
  readonly ordered = new OrderedFrames()
  /** Frames that are in the lists, but no longer in the table. */
  #gone = 0
  readonly #table = new FrameTable()
  #frames = new Uint32Array(minCount)
  #hashes = new Uint32Array(minCount * 2)
  /** Words that hold one bit for each guest. 0: guests are not told apart. */
  #guestWords = 0
  /** Words of each frame in `seen`. */
  #seenWords = 1
  /** Sites seen in this scan (0: not confirmed by it yet), a bit for each guest with one, and for each with two. */
  #seen = new Int32Array(minCount)
  /** Guests for whose sites the content of a frame is cached twice, a bit each. Empty: of no frame yet. */
  #cached = new Int32Array(0)
  #pass: string | undefined

  /**
   * `ksmdPass` names ksmd's pass, undefined where it is not known: then nothing is carried over from the last scan.
   * `guests`: how many to tell apart, by their index.
   */
  beginScan(ksmdPass: string | undefined, guests = 0): void {
    const isSamePass = ksmdPass !== undefined && ksmdPass === this.#pass
    this.#pass = ksmdPass
    this.windows.beginScan()
    if (isSamePass) this.#carryOver()
    else this.#reset()
    this.#clearSites(guestWords(guests))
  }

  #clearSites(words: number): void {
    this.#cached = new Int32Array(0)
    if (words === this.#guestWords) {
      this.#seen.fill(0, 0, this.count * this.#seenWords)
      return
    }
    this.#guestWords = words
    this.#seenWords = 1 + 2 * words
    this.#seen = new Int32Array(this.#frames.length * this.#seenWords)
  }

  #reset(): void {
    this.count = 0
    this.#gone = 0
    this.ordered.clear()
    this.privateFrames.clear()
    this.windows.clear()
    this.#table.clear()
  }

  /** Drops frames that the last scan did not see from the table; compacts the lists where many have gone. */
  #carryOver(): void {
    let gone = 0
    for (let index = 0; index < this.count; index += 1) if (this.sites(index) === 0) gone += 1
    if (gone > this.count * maxGoneRatio) {
      this.#compact()
      gone = 0
    } else if (gone > this.#gone) {
      for (let index = 0; index < this.count; index += 1)
        if (this.sites(index) === 0) this.#frames[index] = unlisted
      this.#fillTable()
    }
    this.#gone = gone
  }

  #compact(): void {
    const { count } = this
    const frames = this.#frames
    const hashes = this.#hashes
    const kept = new Uint32Array(count)
    this.count = 0
    this.#table.clear()
    this.windows.clear()
    // Indexes only decrease, so the lists can be compacted in place.
    for (let i = 0; i < count; i += 1) {
      if (this.sites(i) === 0) continue
      kept[i] = this.addFrame(frames[i] as number, hashes[i * 2] as number, hashes[i * 2 + 1] as number) + 1
    }
    this.ordered.renumber(kept)
  }

  /** Index of a frame. -1: not known. */
  indexOf(frame: number): number {
    return this.#table.indexOf(frame)
  }

  /**
   * Counts a site of a guest (its index) for each page, by their page-map entries, as long as they lie in shared frames
   * that are known, and writes the frames' indexes to `indexes`. Returns where the first other page lies: `to` if there
   * is none.
   */
  addKnownSites(
    entries: Int32Array,
    from: number,
    to: number,
    guest: number,
    indexes: Uint32Array,
    end: number,
  ): number {
    const seen = this.#seen
    const seenWords = this.#seenWords
    const guestWords = this.#guestWords
    const { pairs, shift } = this.#table
    const once = 1 + (guest >>> 5)
    const bit = this.#bitOf(guest)
    let at = from
    for (; at < to; at += 1) {
      const frame = entries[at * 2] as number
      if (!isNearShared(entries[at * 2 + 1] as number)) break
      const index = findIndex(pairs, shift, frame)
      if (index < 0) break
      countSite(seen, index * seenWords, once, guestWords, bit)
      indexes[end + at - from] = index
    }
    return at
  }

  /** A frame that is not known yet, and the hash of its content. Returns its index. */
  addFrame(frame: number, lower: number, upper: number): number {
    if (this.count === this.#frames.length) this.#growLists()
    if (this.#table.isFull(this.count)) this.#growTable()
    const index = this.count
    this.count += 1
    this.#frames[index] = frame < maxFrame ? frame : unlisted
    this.#hashes[index * 2] = lower
    this.#hashes[index * 2 + 1] = upper
    this.#seen.fill(0, index * this.#seenWords, (index + 1) * this.#seenWords)
    if (this.#frames[index] !== unlisted) this.#table.put(frame, index)
    return index
  }

  /** Counts a site of a guest. */
  addSite(index: number, guest = 0): void {
    countSite(this.#seen, index * this.#seenWords, 1 + (guest >>> 5), this.#guestWords, this.#bitOf(guest))
  }

  /** Counts a site of a guest for each frame, given by its index. */
  addSites(indexes: Uint32Array, guest = 0): void {
    const seen = this.#seen
    const seenWords = this.#seenWords
    const guestWords = this.#guestWords
    const once = 1 + (guest >>> 5)
    const bit = this.#bitOf(guest)
    for (let i = 0; i < indexes.length; i += 1)
      countSite(seen, (indexes[i] as number) * seenWords, once, guestWords, bit)
  }

  /** 0: guests are not told apart. */
  #bitOf(guest: number): number {
    return this.#guestWords === 0 ? 0 : 1 << (guest & 31)
  }

  /** Scanned sites that share the frame. */
  sites(index: number): number {
    return this.#seen[index * this.#seenWords] as number
  }

  /** Whether this scan has found a site of the guest in the frame. False where guests are not told apart. */
  hasSiteOf(index: number, guest: number): boolean {
    const word = this.#seen[index * this.#seenWords + 1 + (guest >>> 5)] as number
    return this.#guestWords > 0 && (word & this.#bitOf(guest)) !== 0
  }

  /** Lower half of the hash. */
  lower(index: number): number {
    return this.#hashes[index * 2] as number
  }

  /** Upper half of the hash. */
  upper(index: number): number {
    return this.#hashes[index * 2 + 1] as number
  }

  /**
   * The frame's content is resident in the cache of an image that these guests (a bit each) have open: their sites of it
   * count. False: they have none, or guests are not told apart. Once all guests are scanned.
   */
  markCached(index: number, guests: Int32Array): boolean {
    const seen = this.#seen
    const seenWords = this.#seenWords
    const guestWords = this.#guestWords
    let isHeld = false
    for (let word = 0; word < guestWords; word += 1) {
      const bits = (guests[word] as number) & (seen[index * seenWords + 1 + word] as number)
      if (bits === 0) continue
      if (this.#cached.length === 0) this.#cached = new Int32Array(this.count * guestWords)
      const at = index * guestWords + word
      this.#cached[at] = (this.#cached[at] as number) | bits
      isHeld = true
    }
    return isHeld
  }

  /** Whether `markCached` has marked the guest's sites of the frame. */
  isCachedFor(index: number, guest: number): boolean {
    const word = this.#cached[index * this.#guestWords + (guest >>> 5)] ?? 0
    return (word & (1 << (guest & 31))) !== 0
  }

  /** Adds the guests with sites of a frame to those that hold its content. */
  addHolders(index: number, { once, twice }: Holders): void {
    const seen = this.#seen
    const guestWords = this.#guestWords
    const at = index * this.#seenWords + 1
    for (let word = 0; word < guestWords; word += 1) {
      const mine = seen[at + word] as number
      const before = once[word] as number
      twice[word] = (twice[word] as number) | (before & mine) | (seen[at + guestWords + word] as number)
      once[word] = before | mine
    }
  }

  /** Visits frames with sites that no earlier scan has sorted. Returns how many. */
  forEachNew(visit: (index: number) => void): number {
    let visited = 0
    for (let index = 0; index < this.count; index += 1) {
      if (this.ordered.has(index) || this.sites(index) === 0) continue
      visit(index)
      visited += 1
    }
    return visited
  }

  /** Sorted frames that have sites and are wanted. Valid until the next sort. */
  selectOrdered(isWanted?: (lower: number, upper: number) => boolean): SortedRecords {
    const hasSites = (index: number) => this.sites(index) > 0
    const isWantedToo = (index: number) =>
      hasSites(index) && isWanted?.(this.lower(index), this.upper(index)) !== false
    this.ordered.select(isWanted === undefined ? hasSites : isWantedToo)
    return this.ordered
  }

  #growTable(): void {
    this.#table.grow()
    this.#fillTable()
  }

  #fillTable(): void {
    this.#table.clear()
    for (let index = 0; index < this.count; index += 1)
      if (this.#frames[index] !== unlisted) this.#table.put(this.#frames[index] as number, index)
  }

  #growLists(): void {
    this.#frames = enlarge(this.#frames)
    this.#hashes = enlarge(this.#hashes)
    const seen = new Int32Array(this.#frames.length * this.#seenWords)
    seen.set(this.#seen)
    this.#seen = seen
  }
}

/** Counts a site of the frame at `at`. The guest's word for one site is at `at + once`, for two at `at + once + words`. */
function countSite(seen: Int32Array, at: number, once: number, words: number, bit: number): void {
  seen[at] = (seen[at] as number) + 1
  if (bit === 0) return
  const before = seen[at + once] as number
  seen[at + once] = before | bit
  if ((before & bit) !== 0) seen[at + once + words] = (seen[at + once + words] as number) | bit
}

function enlarge(words: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(Math.ceil(words.length / 4) * 6)
  larger.set(words)
  return larger
}
