// Content groups: all sites (guest, page) that hold the same content. A group is known by its first record + 1.
import type { Pace } from '../pacing/pace.ts'
import type { GuestSites, SitesScan } from './guest-sites.ts'
import type { HashRecords, SortingThread } from './hash-records.ts'
import { guestWords, Holders } from './holders.ts'
import type { MergedFrames } from './merged-frames.ts'
import { RECORD_WORDS } from './record-words.ts'
import { asCached, kindOf, siteKind, siteWord, subjectOf } from './site-kind.ts'
import type { WordList } from './word-list.ts'

export class ContentGroups {
  readonly records: HashRecords
  readonly frames: MergedFrames
  /** All that were scanned, also those that ended meanwhile, by index. */
  readonly guests: readonly GuestSites[]
  readonly mergedSites: WordList
  /** Whether it is known which guest a site belongs to. */
  readonly tellsApart: boolean
  private readonly found: Holders
  private readonly zero: SitesScan['zero']
  private readonly newFrames: number

  /** When all guests are scanned. `sort` it next. */
  constructor({ records, frames, mergedSites, zero }: SitesScan, guests: readonly GuestSites[]) {
    this.records = records
    this.frames = frames
    this.mergedSites = mergedSites
    this.guests = guests
    this.zero = zero
    this.tellsApart = guestWords(guests.length) > 0
    this.found = new Holders(guests.length)
    this.newFrames = frames.forEachNew((index) => {
      const [lower, upper] = [frames.lower(index), frames.upper(index)]
      if (this.weightOf(lower, upper) > 0) records.add(lower, upper, siteWord(siteKind.frame, index))
    })
    records.makeRoom(frames.ordered.length + 1)
    if (guests.some((guest) => guest.zeroOwn + guest.zeroFixed > 0))
      records.add(zero.lower, zero.upper, siteWord(siteKind.zeros, 0))
  }

  /** Frames that earlier scans have put in order are only merged in. */
  async sort(pace: Pick<Pace, 'advance' | 'rest'>, thread?: SortingThread): Promise<void> {
    const { frames, records } = this
    const isSampled = records.sampledRatio < 1
    const isWanted = (lower: number, upper: number) => this.weightOf(lower, upper) > 0
    await records.sort(pace, frames.selectOrdered(isSampled ? isWanted : undefined), thread)
    if (this.newFrames > 0) frames.ordered.takeFrom(records.words, records.length, frames.count)
  }

  /** When nothing is looked up any more. */
  release(): void {
    this.records.release()
    this.mergedSites.release()
  }

  /** 0 where no site holds that content, or where it is not among those sampled. */
  find(lower: number, upper: number): number {
    return this.records.find(lower, upper) + 1
  }

  /** How many pages one page of this content stands for: 1, but where contents were sampled; 0: left out. */
  weightOf(lower: number, upper: number): number {
    if (this.isZero(lower, upper)) return 1
    return this.records.keeps(lower) ? 1 / this.records.sampledRatio : 0
  }

  isZero(lower: number, upper: number): boolean {
    return lower === this.zero.lower && upper === this.zero.upper
  }

  /** The content is resident in the page cache of an image. */
  markCached(group: number): void {
    const { words } = this.records
    const at = (group - 1) * RECORD_WORDS + 2
    words[at] = asCached(words[at] as number)
  }

  /** Those with a site in the group, until the next call; none where guests are not told apart. */
  holders(group: number): Holders {
    this.found.clear()
    const end = this.records.endOf(group - 1)
    if (this.tellsApart)
      for (let record = group - 1; record < end; record += 1) this.addHolders(record, this.found)
    return this.found
  }

  addHolders(record: number, holders: Holders): void {
    const word = this.records.words[record * RECORD_WORDS + 2] as number
    const subject = subjectOf(word)
    switch (kindOf(word)) {
      case siteKind.frame:
        this.frames.addHolders(subject, holders)
        break
      case siteKind.zeros:
        this.guests.forEach((guest, index) => {
          const zeros = guest.zeroOwn + guest.zeroFixed
          for (let site = 0; site < Math.min(zeros, 2); site += 1) holders.add(index)
        })
        break
      default:
        holders.add(subject)
    }
  }
}
