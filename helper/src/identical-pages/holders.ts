// Which guests hold one content, a bit a guest: once, and twice or more.

/** More guests than this are not told apart: each merged frame would need over 64 bytes for their bits. */
export const MAX_TOLD_APART = 256

/** Words of a bit for each guest; 0: they are not told apart. */
export function guestWords(guests: number): number {
  return guests > MAX_TOLD_APART ? 0 : Math.ceil(guests / 32)
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
  add(guest: number): void {
    const { once, twice } = this
    const word = guest >>> 5
    const bit = 1 << (guest & 31)
    const before = once[word] as number
    twice[word] = (twice[word] as number) | (before & bit)
    once[word] = before | bit
  }

  has(guest: number): boolean {
    return ((this.once[guest >>> 5] ?? 0) & (1 << (guest & 31))) !== 0
  }

  hasTwice(guest: number): boolean {
    return ((this.twice[guest >>> 5] ?? 0) & (1 << (guest & 31))) !== 0
  }
}
