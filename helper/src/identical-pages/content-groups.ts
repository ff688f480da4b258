// Content groups: all sites (guest, page) that hold the same content. A group is known by its first record + 1. What one
// group comes to, and which contents of an image's cache guests hold.
import type { Pace } from '../pacing/pace.ts'
import type { GuestPages, ScanRecords } from './guest-pages.ts'
import type { HashRecords, SortingThread } from './records/hash-records.ts'
import { guestWords, type HeldBy, Holders, heldBy, type Vouchers } from './records/holders.ts'
import {
  asCachedSigned,
  asSigned,
  isCached,
  kindOf,
  recordWords,
  type SiteKind,
  siteKind,
  siteWord,
  subjectOf,
} from './records/record-layout.ts'
import type { WordList } from './records/words.ts'
import type { MergedFrames } from './scan/merged-frames.ts'

/** Going through so many records for each page of an image is cheaper than remembering the answer. */
const fewRecords = 64

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
      if (this.weightOf(lower, upper) > 0) records.addRecord(lower, upper, siteWord(siteKind.merged, index))
    })
    records.makeRoom(frames.ordered.length + 1)
    if (guests.some((guest) => guest.zeroPrivatePages + guest.zeroUnmergeablePages > 0))
      records.addRecord(zero.lower, zero.upper, siteWord(siteKind.zero, 0))
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

  /** Of the sorted records; see `asSigned`. */
  get signedWords(): Int32Array {
    return this.#signed
  }

  /** Releases the records; nothing may be looked up afterwards. */
  release(): void {
    this.records.release()
    this.mergedSites.release()
  }

  /** The group of a content, as its first record's index + 1. 0: no site holds it, or it is not among the sampled contents. */
  find(lower: number, upper: number): number {
    return this.records.find(lower, upper) + 1
  }

  /** How many pages one page of this content stands for: 1 where nothing was sampled; 0: it was left out. */
  weightOf(lower: number, upper: number): number {
    if (this.isZero(lower, upper)) return 1
    return this.records.keeps(lower) ? 1 / this.records.sampledRatio : 0
  }

  /** Whether it is the hash of a page of zeros. */
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

  /** Adds the guests of a record's sites to those that hold its content. */
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
          for (let site = 0; site < Math.min(zeros, 2); site += 1) holders.addSite(index)
        })
        break
      default:
        holders.addSite(subject)
    }
  }
}

/**
 * What one content comes to: its sites, the frames they lie in, and who holds it. Filled anew for each group: an object for
 * each would be as much garbage as there are records.
 */
export class ContentGroup {
  sites = 0
  /** Frames of one process, and frames that KSM has merged. */
  privateFrames = 0
  merged = 0
  /** Resident in the page cache of an image that a guest with a site of it has open. */
  cached = false
  zero = false
  readonly holders: Holders
  readonly #groups: ContentGroups

  constructor(groups: ContentGroups) {
    this.#groups = groups
    this.holders = new Holders(groups.guests.length)
  }

  /** The records from `from` to before `end`. */
  measure(from: number, end: number): void {
    const { records, tellsApart } = this.#groups
    this.#clear()
    const at = from * recordWords
    this.zero = this.#groups.isZero(records.words[at] as number, records.words[at + 1] as number)
    this.cached = false
    for (let i = from; i < end; i += 1) {
      const word = records.words[i * recordWords + 2] as number
      this.#addRecord(word)
      if (tellsApart && (end > from + 1 || kindOf(word) !== siteKind.private))
        this.#groups.addHolders(i, this.holders)
    }
  }

  /**
   * A group's saving belongs to the frames that would be freed: those not merged yet. Where all are merged, and
   * max_page_sharing keeps several frames, to all its sites alike (rare, and at most one page in max_page_sharing).
   */
  get shareOfPrivate(): number {
    return this.privateFrames > 0 ? (this.privateFrames + this.merged - 1) / this.privateFrames : 0
  }

  /** In pages for each merged site; 0 while frames are left that could be freed. */
  get shareOfMerged(): number {
    return this.privateFrames > 0 || this.merged === 0 ? 0 : (this.merged - 1) / this.sites
  }

  #clear(): void {
    this.sites = 0
    this.privateFrames = 0
    this.merged = 0
    this.holders.clear()
  }

  #addRecord(word: number): void {
    const { frames, guests } = this.#groups
    const kind = kindOf(word)
    this.cached ||= isCached(word)
    if (kind === siteKind.zero) {
      for (const guest of guests) {
        this.privateFrames += guest.zeroPrivatePages
        this.sites += guest.zeroPrivatePages + guest.zeroUnmergeablePages
      }
    } else if (kind === siteKind.merged) {
      this.merged += 1
      this.sites += frames.sites(subjectOf(word))
    } else {
      this.sites += 1
      if (kind === siteKind.private) this.privateFrames += 1
    }
  }
}

export class ImageMatch {
  readonly #groups: ContentGroups
  readonly #vouchers: Vouchers
  /** Answers for contents with many records: an image may have as many pages of one as guests have. */
  readonly #known = new Map<number, HeldBy>()

  constructor(groups: ContentGroups, vouchers: Vouchers) {
    this.#groups = groups
    this.#vouchers = vouchers
  }

  /** Who holds a content that is resident in the image's cache. */
  holderOf(lower: number, upper: number): HeldBy {
    const groups = this.#groups
    const group = groups.find(lower, upper)
    if (group === 0) return heldBy.nobody
    const from = group - 1
    const end = groups.records.endOf(from)
    if (end - from === 1) return groups.markCached(from, from + 1, this.#vouchers)
    if (end - from <= fewRecords) return groups.markCached(from, end, this.#vouchers)
    const known = this.#known.get(from)
    if (known !== undefined) return known
    const found = groups.markCached(from, end, this.#vouchers)
    this.#known.set(from, found)
    return found
  }
}
