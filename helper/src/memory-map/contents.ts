// Which guests hold which contents: an open table over the hashes of guests' pages, and what an image's cache makes of it.
import { inHugePages, WordList, type WordMemory } from '../identical-pages/records/words.ts'

// The word of an entry: the index of its only guest, or, once there are several, of their bits in `#several`.
const severalBit = 1 << 31
/** Its only guest holds it twice. */
const twiceBit = 1 << 30
/** It is cached of an image that its only guest vouches for. */
const cachedBit = 1 << 29
const usedBit = 1 << 28
const indexMask = usedBit - 1
const entryWords = 3

export const holding = { nobody: 0, others: 1, voucher: 2 } as const
export type Holding = (typeof holding)[keyof typeof holding]

/** `release` it. Nothing is allocated for a page. */
export class Contents {
  readonly #memory: WordMemory
  readonly #mask: number
  readonly #guestWords: number
  /** For each content of several guests: a bit for each that holds it, then one for each for which it is cached. */
  readonly #several: WordList

  /** `pages`: at most so many different contents. */
  constructor(pages: number, guests: number) {
    const entries = 2 ** Math.ceil(Math.log2(Math.max(16, pages * 1.4)))
    this.#memory = inHugePages(entries * entryWords)
    this.#mask = entries - 1
    this.#guestWords = Math.ceil(guests / 32)
    this.#several = new WordList(1024)
  }

  release(): void {
    this.#memory.release()
    this.#several.release()
  }

  /** A page of a guest has this content. */
  addHolder(lower: number, upper: number, guest: number): void {
    const { words } = this.#memory
    const at = this.#find(lower, upper)
    const word = words[at + 2] as number
    if (word === 0) {
      words[at] = lower
      words[at + 1] = upper
      words[at + 2] = usedBit | guest
      return
    }
    if ((word & severalBit) !== 0) {
      this.#setBit(word & indexMask, guest)
      return
    }
    const only = word & indexMask
    words[at + 2] = only === guest ? word | twiceBit : this.#makeSeveral(only, guest)
  }

  #makeSeveral(first: number, second: number): number {
    const several = this.#several
    const index = several.length
    several.reserve(this.#guestWords * 2).fill(0, index, index + this.#guestWords * 2)
    several.length += this.#guestWords * 2
    this.#setBit(index, first)
    this.#setBit(index, second)
    return (severalBit | usedBit | index) >>> 0
  }

  #setBit(index: number, guest: number): void {
    const words = this.#several.reserve(0)
    const at = index + (guest >>> 5)
    words[at] = (words[at] as number) | (1 << (guest & 31))
  }

  /** A page of an image's cache has this content: who holds it, and for whom of `vouchers` (a bit each) it is cached twice. */
  markCached(lower: number, upper: number, vouchers: Int32Array): Holding {
    const { words } = this.#memory
    const at = this.#find(lower, upper)
    const word = words[at + 2] as number
    if (word === 0) return holding.nobody
    if ((word & severalBit) === 0) {
      const only = word & indexMask
      if (((vouchers[only >>> 5] as number) & (1 << (only & 31))) === 0) return holding.others
      words[at + 2] = word | cachedBit
      return holding.voucher
    }
    return this.#markSeveral(word & indexMask, vouchers)
  }

  #markSeveral(index: number, vouchers: Int32Array): Holding {
    const words = this.#several.reserve(0)
    const cached = index + this.#guestWords
    let held: Holding = holding.others
    for (let i = 0; i < this.#guestWords; i += 1) {
      const both = (words[index + i] as number) & (vouchers[i] as number)
      if (both === 0) continue
      words[cached + i] = (words[cached + i] as number) | both
      held = holding.voucher
    }
    return held
  }

  /** Bits of what holds for a page of a guest: 1 within, 2 between, 4 cached. */
  traitsFor(lower: number, upper: number, guest: number): number {
    const word = this.#memory.words[this.#find(lower, upper) + 2] as number
    if ((word & severalBit) === 0) {
      return ((word & twiceBit) !== 0 ? 1 : 0) | ((word & cachedBit) !== 0 ? 4 : 0)
    }
    const at = (word & indexMask) + this.#guestWords + (guest >>> 5)
    return 2 | (((this.#several.reserve(0)[at] as number) & (1 << (guest & 31))) !== 0 ? 4 : 0)
  }

  /** Where the content's entry is, or an empty one for it. */
  #find(lower: number, upper: number): number {
    const { words } = this.#memory
    const mask = this.#mask
    let entry = (lower ^ (upper >>> 7)) & mask
    for (;;) {
      const at = entry * entryWords
      if ((words[at + 2] as number) === 0) return at
      if (words[at] === lower && words[at + 1] === upper) return at
      entry = (entry + 1) & mask
    }
  }
}
