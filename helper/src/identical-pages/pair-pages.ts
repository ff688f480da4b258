// Pages of each guest whose content each other guest holds too, or the guest itself a second time.
import { guestWords } from './holders.ts'

export class PairPages {
  private readonly guests: number
  private readonly words: number
  private readonly pages: Float64Array

  /** All pairs are 0 where guests are not told apart. */
  constructor(guests: number) {
    this.guests = guests
    this.words = guestWords(guests)
    this.pages = new Float64Array(this.words === 0 ? 0 : guests * guests)
  }

  /** `pages` of a guest, whose content is held by those of the bits from `at` on (see `Holders`). */
  add(guest: number, once: Int32Array, twice: Int32Array, at: number, pages: number): void {
    const row = guest * this.guests
    for (let word = 0; word < this.words; word += 1) {
      let bits = once[at + word] as number
      if (word === guest >>> 5) {
        const own = 1 << (guest & 31)
        bits = (bits & ~own) | ((twice[at + word] as number) & own)
      }
      for (; bits !== 0; bits &= bits - 1) {
        const pair = row + word * 32 + 31 - Math.clz32(bits & -bits)
        this.pages[pair] = (this.pages[pair] as number) + pages
      }
    }
  }

  of(guest: number, other: number): number {
    return this.pages[guest * this.guests + other] ?? 0
  }
}
