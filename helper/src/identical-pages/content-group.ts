// What one content comes to: its sites, the frames they lie in, and who holds it.
import type { ContentGroups } from './content-groups.ts'
import { Holders } from './records/holders.ts'
import { isCached, kindOf, recordWords, siteKind, subjectOf } from './records/record-layout.ts'

/** Filled anew for each group: an object for each would be as much garbage as there are records. */
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
