// Compares the contents of all strips once they are read: which guests hold what, and which of it an image's cache holds too.
import type { Vouchers } from '../identical-pages/records/holders.ts'
import type { Pace } from '../pacing/pace.ts'
import { Contents, holding } from './contents.ts'
import { pageBits } from './page-bits.ts'
import type { Strip } from './strip.ts'

export interface ComparedImage {
  readonly strip: Strip
  readonly vouchers: Vouchers
}

/** Pages between two pauses: some milliseconds. */
const stepPages = 1 << 17
const comparable = pageBits.present | pageBits.compared | pageBits.zero
const wanted = pageBits.present | pageBits.compared

/** `guests`: by their index, as `vouchers` have it. Throws `cancelled`. */
export async function compareStrips(
  guests: readonly Strip[],
  images: readonly ComparedImage[],
  pace: Pace,
): Promise<void> {
  const contents = new Contents(countCompared(guests), guests.length)
  try {
    const zeros = new ZeroHolders(guests)
    for (const [index, strip] of guests.entries())
      await inSteps(strip, pace, (from, to) => addPages(strip, from, to, index, contents))
    for (const { strip, vouchers } of images)
      await inSteps(strip, pace, (from, to) => markImage(strip, from, to, vouchers, contents, zeros))
    for (const [index, strip] of guests.entries())
      await inSteps(strip, pace, (from, to) => markGuest(strip, from, to, index, contents, zeros))
  } finally {
    contents.release()
  }
}

async function inSteps(strip: Strip, pace: Pace, work: (from: number, to: number) => void): Promise<void> {
  for (let from = 0; from < strip.pages; from += stepPages) {
    work(from, Math.min(strip.pages, from + stepPages))
    if (pace.advance(0)) await pace.rest('comparing contents')
  }
}

function countCompared(guests: readonly Strip[]): number {
  let pages = 0
  for (const { bits } of guests)
    for (let page = 0; page < bits.length; page += 1)
      if (((bits[page] as number) & comparable) === wanted) pages += 1
  return pages
}

/** Zeros are only counted: an empty guest is full of them. */
class ZeroHolders {
  readonly has: Uint8Array
  readonly total: number

  constructor(guests: readonly Strip[]) {
    let total = 0
    this.has = Uint8Array.from(guests, ({ bits }) => {
      let zeros = 0
      for (let page = 0; page < bits.length; page += 1)
        if (((bits[page] as number) & pageBits.zero) !== 0) zeros += 1
      total += zeros
      return zeros > 0 ? 1 : 0
    })
    this.total = total
  }
}

function addPages(
  { bits, hashes }: Strip,
  from: number,
  to: number,
  guest: number,
  contents: Contents,
): void {
  for (let page = from; page < to; page += 1) {
    if (((bits[page] as number) & comparable) !== wanted) continue
    contents.addHolder(hashes[page * 2] as number, hashes[page * 2 + 1] as number, guest)
  }
}

function markImage(
  { bits, hashes }: Strip,
  from: number,
  to: number,
  vouchers: Vouchers,
  contents: Contents,
  zeros: ZeroHolders,
): void {
  const zeroHeld = vouchers.indexes.some((guest) => zeros.has[guest] === 1)
    ? pageBits.doubleCached
    : zeros.total > 0
      ? pageBits.between
      : 0
  for (let page = from; page < to; page += 1) {
    const byte = bits[page] as number
    if ((byte & wanted) !== wanted) continue
    if ((byte & pageBits.zero) !== 0) {
      bits[page] = byte | zeroHeld
      continue
    }
    const held = contents.markCached(
      hashes[page * 2] as number,
      hashes[page * 2 + 1] as number,
      vouchers.words,
    )
    if (held === holding.voucher) bits[page] = byte | pageBits.doubleCached
    else if (held === holding.others) bits[page] = byte | pageBits.between
  }
}

function markGuest(
  { bits, hashes }: Strip,
  from: number,
  to: number,
  guest: number,
  contents: Contents,
  zeros: ZeroHolders,
): void {
  const zeroBit = zeros.total > 1 ? pageBits.between : 0
  for (let page = from; page < to; page += 1) {
    const byte = bits[page] as number
    if ((byte & pageBits.zero) !== 0) {
      bits[page] = byte | zeroBit
      continue
    }
    if ((byte & wanted) !== wanted) continue
    const traits = contents.traitsFor(hashes[page * 2] as number, hashes[page * 2 + 1] as number, guest)
    bits[page] =
      byte |
      ((traits & 1) !== 0 ? pageBits.within : 0) |
      ((traits & 2) !== 0 ? pageBits.between : 0) |
      ((traits & 4) !== 0 ? pageBits.doubleCached : 0)
  }
}
