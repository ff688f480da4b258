// Content groups: all sites (guest, page) that hold the same content. A group is known by its first record + 1.
import type { Pace } from '../pacing/pace.ts'
import type { GuestPages, ScanRecords } from './guest-pages.ts'
import type { HashRecords, SortingThread } from './records/hash-records.ts'
import { guestWords, Holders } from './records/holders.ts'
import {
  asCachedSigned,
  asSigned,
  kindOf,
  recordWords,
  type SiteKind,
  siteKind,
  siteWord,
  subjectOf,
} from './records/record-layout.ts'
import { type HeldBy, heldBy, type Vouchers } from './records/vouchers.ts'
import type { WordList } from './records/words.ts'
import type { MergedFrames } from './scan/merged-frames.ts'

export class ContentGroups {
  readonly records: HashRecords
  readonly frames: MergedFrames
  /** All scanned guests by index, including guests that ended during the scan. */
  readonly guests: readonly GuestPages[]
  readonly mergedSites: WordList
  /** The words of the sorted records, viewed as Int32: JavaScriptCore is several times slower above 2^31 - 1. */
  #signed: Int32Array = new Int32Array(0)
  /** Whether it is known which guest a site belongs to. */
  readonly tellsApart: boolean
  readonly #found: Holders
  readonly #zero: ScanRecords['zero']
  readonly #newFrames: number

  /** Call it when all guests are scanned, then `sort`. */
  constructor({ records, frames, mergedSites, zero }: ScanRecords, guests: readonly GuestPages[]) {
    this.records = records
    this.frames = frames
    this.mergedSites = mergedSites
    this.guests = guests
    this.#zero = zero
    this.tellsApart = guestWords(guests.length) > 0
    this.#found = new Holders(guests.length)
    this.#newFrames = frames.forEachNew((index) => {
      const [lower, upper] = [frames.lower(index), frames.upper(index)]
      if (this.weightOf(lower, upper) > 0) records.add(lower, upper, siteWord(siteKind.merged, index))
    })
    records.makeRoom(frames.ordered.length + 1)
    if (guests.some((guest) => guest.zeroPrivatePages + guest.zeroUnmergeablePages > 0))
      records.add(zero.lower, zero.upper, siteWord(siteKind.zero, 0))
  }

  /** Sorts all records. Frames that earlier scans have sorted are only merged in. Throws `cancelled`. */
  async sort(pace: Pick<Pace, 'advance' | 'rest'>, thread?: SortingThread): Promise<void> {
    const { frames, records } = this
    const isSampled = records.sampledRatio < 1
    const isWanted = (lower: number, upper: number) => this.weightOf(lower, upper) > 0
    await records.sort(pace, frames.selectOrdered(isSampled ? isWanted : undefined), thread)
    this.#signed = asSigned(records.words)
    if (this.#newFrames > 0) frames.ordered.takeFrom(records.words, records.length, frames.count)
  }

  /** Releases the records; nothing may be looked up afterwards. */
  release(): void {
    this.records.release()
    this.mergedSites.release()
  }

  /** The group of a content. 0: no site holds it, or it is not among the sampled contents. */
  find(lower: number, upper: number): number {
    return this.records.find(lower, upper) + 1
  }

  /** How many pages one page of this content stands for: 1 where nothing was sampled; 0: it was left out. */
  weightOf(lower: number, upper: number): number {
    if (this.isZero(lower, upper)) return 1
    return this.records.keeps(lower) ? 1 / this.records.sampledRatio : 0
  }

  isZero(lower: number, upper: number): boolean {
    return lower === this.#zero.lower && upper === this.#zero.upper
  }

  /**
   * The content of the records from `from` to before `end` is resident in the page cache of an image: marks the sites of
   * guests that vouch for the image. Where guests are not told apart, merged pages count as held by others.
   */
  markCached(from: number, end: number, vouchers: Vouchers): HeldBy {
    const words = this.#signed
    const vouching = vouchers.words
    let isHeld = false
    for (let at = from * recordWords + 2; at < end * recordWords; at += recordWords) {
      const word = words[at] as number
      const kind = kindOf(word)
      if (kind === siteKind.private || kind === siteKind.unmergeable) {
        const guest = subjectOf(word)
        if (((vouching[guest >>> 5] as number) & (1 << (guest & 31))) === 0) continue
      } else if (!this.#isSharedHeld(kind, subjectOf(word), vouchers)) continue
      words[at] = asCachedSigned(word)
      isHeld = true
    }
    if (!isHeld) return heldBy.others
    return vouchers.areAllOpeners && this.#isHeldByAll(from, end, vouchers)
      ? heldBy.allOpeners
      : heldBy.opener
  }

  #isSharedHeld(kind: SiteKind, subject: number, vouchers: Vouchers): boolean {
    if (kind === siteKind.merged) return this.frames.markCached(subject, vouchers.words)
    return vouchers.indexes.some((index) => this.#zerosOf(index) > 0)
  }

  #isHeldByAll(from: number, end: number, { indexes }: Vouchers): boolean {
    if (!this.tellsApart) return false
    this.#found.clear()
    for (let record = from; record < end; record += 1) this.addHolders(record, this.#found)
    return indexes.every((index) => this.#found.has(index))
  }

  #zerosOf(guest: number): number {
    const { zeroPrivatePages = 0, zeroUnmergeablePages = 0 } = this.guests[guest] ?? {}
    return zeroPrivatePages + zeroUnmergeablePages
  }

  addHolders(record: number, holders: Holders): void {
    const word = this.records.words[record * recordWords + 2] as number
    const subject = subjectOf(word)
    switch (kindOf(word)) {
      case siteKind.merged:
        this.frames.addHolders(subject, holders)
        break
      case siteKind.zero:
        this.guests.forEach((guest, index) => {
          const zeros = guest.zeroPrivatePages + guest.zeroUnmergeablePages
          for (let site = 0; site < Math.min(zeros, 2); site += 1) holders.add(index)
        })
        break
      default:
        holders.add(subject)
    }
  }
}
