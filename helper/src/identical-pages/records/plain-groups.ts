// Contents that no image's cache and no merged page holds: nearly all there are. They are added up in one loop over the
// records, which the engine compiles early; what else there is has a way of its own (see ContentGroup).
import { guestWords, type PairPages } from './holders.ts'
import { isPlain, kindOf, recordWords, siteKind, subjectOf } from './record-layout.ts'

/** Sums of plain contents. Those of pages are estimates where contents were sampled. */
export class PlainGroups {
  /** Contents of pages that KSM may merge, of those that were kept. */
  count = 0
  /** By guest: pages of contents that more than one page holds. */
  readonly identical: Float64Array
  /** By guest: its share of what merging those would free. */
  readonly mergeable: Float64Array
  readonly #pairs: PairPages
  /** Pages that one stands for. */
  readonly #scale: number
  /** A word of bits tells the guests of a content apart. */
  readonly #tellsApart: boolean

  constructor(guests: number, pairs: PairPages, scale: number) {
    this.identical = new Float64Array(guests)
    this.mergeable = new Float64Array(guests)
    this.#pairs = pairs
    this.#scale = scale
    this.#tellsApart = guestWords(guests) === 1
  }

  /** Sorted records from `from` on, which begins a content, until one that is not plain, or until `stop`. Returns where. */
  addGroups(words: Int32Array, length: number, from: number, stop: number): number {
    const end = length * recordWords
    let at = from * recordWords
    for (const until = stop * recordWords; at < until; ) {
      const lower = words[at] as number
      const upper = words[at + 1] as number
      let next = at
      let once = 0
      let twice = 0
      let privatePages = 0
      do {
        const word = words[next + 2] as number
        if (!isPlain(word)) return at / recordWords
        if (kindOf(word) === siteKind.private) privatePages += 1
        const bit = 1 << subjectOf(word)
        twice |= once & bit
        once |= bit
        next += recordWords
      } while (next < end && words[next] === lower && words[next + 1] === upper)
      if (next > at + recordWords) {
        if (!this.#tellsApart) return at / recordWords
        this.#addShared(words, at, next, once, twice, privatePages)
      }
      if (privatePages > 0) this.count += 1
      at = next
    }
    return at / recordWords
  }

  /** Of words `from` to before `to`. No object carries the arguments: there would be as much garbage as contents. */
  #addShared(
    words: Int32Array,
    from: number,
    to: number,
    once: number,
    twice: number,
    privatePages: number,
  ): void {
    const scale = this.#scale
    const share = ((privatePages - 1) / privatePages) * scale
    for (let at = from + 2; at < to; at += recordWords) {
      const word = words[at] as number
      const guest = subjectOf(word)
      const own = 1 << guest
      this.identical[guest] = (this.identical[guest] as number) + scale
      if (kindOf(word) === siteKind.private) this.mergeable[guest] = (this.mergeable[guest] as number) + share
      this.#pairs.addPagesOfBits(guest, (once & ~own) | (twice & own), scale)
    }
  }
}
