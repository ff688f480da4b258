// Which guests hold one content, a bit a guest: once, and twice or more; what pairs of guests share; and which guests
// vouch for an image: only what they hold of it is cached twice.
import { maxGuestsToldApart } from '../../../../src/shared/contract/guests.ts'

/** Words of a bit for each guest; 0: they are not told apart, as each merged frame would need over 64 bytes for them. */
export function guestWords(guests: number): number {
  return guests > maxGuestsToldApart ? 0 : Math.ceil(guests / 32)
}

/** Cleared and filled anew for each content. */
export class Holders {
  readonly once: Int32Array
  readonly twice: Int32Array

  constructor(guests: number) {
    this.once = new Int32Array(guestWords(guests))
    this.twice = new Int32Array(guestWords(guests))
  }

  /** Not by `fill`, which costs more than the few words there are. */
  clear(): void {
    const { once, twice } = this
    for (let word = 0; word < once.length; word += 1) {
      once[word] = 0
      twice[word] = 0
    }
  }

  /** One more site of a guest. */
  addSite(guest: number): void {
    const { once, twice } = this
    const word = guest >>> 5
    const bit = 1 << (guest & 31)
    const before = once[word] as number
    twice[word] = (twice[word] as number) | (before & bit)
    once[word] = before | bit
  }

  /** Whether the guest has a site of the content. */
  has(guest: number): boolean {
    return isIn(this.once, guest)
  }

  /** Whether it has two or more. */
  hasTwice(guest: number): boolean {
    return isIn(this.twice, guest)
  }
}

function isIn(words: Int32Array, guest: number): boolean {
  return ((words[guest >>> 5] ?? 0) & (1 << (guest & 31))) !== 0
}

export class PairPages {
  readonly #guests: number
  readonly #words: number
  readonly #pages: Float64Array

  /** All pairs are 0 where guests are not told apart. */
  constructor(guests: number) {
    this.#guests = guests
    this.#words = guestWords(guests)
    this.#pages = new Float64Array(this.#words === 0 ? 0 : guests * guests)
  }

  /** `pages` of a guest, whose content is held by those of the bits from `at` on (see `Holders`). */
  addPages(guest: number, once: Int32Array, twice: Int32Array, at: number, pages: number): void {
    const row = guest * this.#guests
    for (let word = 0; word < this.#words; word += 1) {
      let bits = once[at + word] as number
      if (word === guest >>> 5) {
        const own = 1 << (guest & 31)
        bits = (bits & ~own) | ((twice[at + word] as number) & own)
      }
      for (; bits !== 0; bits &= bits - 1) {
        const pair = row + word * 32 + 31 - Math.clz32(bits & -bits)
        this.#pages[pair] = (this.#pages[pair] as number) + pages
      }
    }
  }

  /** Like `addPages`, for a content whose holders are the given bits: of at most 32 guests. */
  addPagesOfBits(guest: number, holders: number, pages: number): void {
    const row = guest * this.#guests
    for (let bits = holders; bits !== 0; bits &= bits - 1) {
      const pair = row + 31 - Math.clz32(bits & -bits)
      this.#pages[pair] = (this.#pages[pair] as number) + pages
    }
  }

  /** Pages of a guest whose content another one holds too. */
  pagesShared(guest: number, other: number): number {
    return this.#pages[guest * this.#guests + other] ?? 0
  }
}

/** A guest of a scan, by its index. */
export interface OpeningGuest {
  readonly pid: number
  readonly index: number
  /** KSM may merge its RAM, and no policy keeps it apart from others. */
  readonly shares: boolean
}

/** Guests that vouch, by their index in the scan. */
export class Vouchers {
  /** A bit for each guest. */
  readonly words: Int32Array
  readonly indexes: readonly number[]
  /** Every guest that has the image open is among them. */
  readonly areAllOpeners: boolean

  constructor(indexes: readonly number[], guests: number, areAllOpeners: boolean) {
    this.words = new Int32Array(Math.ceil(guests / 32))
    this.indexes = indexes
    this.areAllOpeners = areAllOpeners
    for (const index of indexes)
      this.words[index >>> 5] = (this.words[index >>> 5] as number) | (1 << (index & 31))
  }

  /** Whether the guest vouches. */
  has(guest: number): boolean {
    return ((this.words[guest >>> 5] as number) & (1 << (guest & 31))) !== 0
  }
}

/**
 * Guests that have an image open, as a disk or below one in its chain. One that KSM may not merge vouches only for what
 * nobody else has open: others could tell by the time that a read takes what it holds.
 * `openers`: pids of all guests that have the image open, scanned or not. `guestCount`: of the scan.
 */
export function findVouchers(
  openers: readonly number[],
  guests: readonly OpeningGuest[],
  guestCount: number,
): Vouchers {
  const isSoleOpener = openers.length === 1
  const found = guests.filter(({ pid, shares }) => openers.includes(pid) && (shares || isSoleOpener))
  const indexes = found.map(({ index }) => index)
  return new Vouchers(indexes, guestCount, indexes.length > 0 && indexes.length === openers.length)
}

/** Who holds a content that is cached of an image. Ordered: each kind includes those before, except for `others`. */
export const heldBy = {
  nobody: 0,
  /** Only by guests that do not vouch for the image: to evict it would tell of them, and spare no memory for long. */
  others: 1,
  opener: 2,
  /** All guests that have the image open, and all of them vouch. */
  allOpeners: 3,
} as const
export type HeldBy = (typeof heldBy)[keyof typeof heldBy]
