// Which guests vouch for an image: only what they hold of it is cached twice.

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

/** Who holds a content that is cached of an image. Ordered: each kind includes those before, but for `others`. */
export const heldBy = {
  nobody: 0,
  /** Only by guests that do not vouch for the image: to evict it would tell of them, and spare no memory for long. */
  others: 1,
  opener: 2,
  /** All guests that have the image open, and all of them vouch. */
  allOpeners: 3,
} as const
export type HeldBy = (typeof heldBy)[keyof typeof heldBy]
