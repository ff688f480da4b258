// Looks contents of one image's cache up among those of guests, and marks the guests' pages that are cached twice.
import type { ContentGroups } from './content-groups.ts'
import { type HeldBy, heldBy, type Vouchers } from './records/vouchers.ts'

/** Going through so many records for each page of an image is cheaper than remembering the answer. */
const fewRecords = 64

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
