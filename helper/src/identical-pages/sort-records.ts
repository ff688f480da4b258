// Sorts records of three words by their hash in place: radix exchange by bytes of the hash from the top (American flag
// sort), insertion where few are left. Nothing is allocated but a table for each of the eight bytes.
const WORDS = 3
const FEW = 24
const BYTES = 8
const VALUES = 256

const starts = Array.from({ length: BYTES }, () => new Uint32Array(VALUES + 1))
const heads = new Uint32Array(VALUES)

/** By the upper half (second word), then the lower one (first word). */
export function sortRecords(words: Uint32Array, length: number): void {
  sortRange(words, 0, length, 0)
}

function sortRange(words: Uint32Array, from: number, to: number, byte: number): void {
  if (to - from <= FEW) {
    insertAll(words, from, to)
    return
  }
  const bounds = starts[byte] as Uint32Array
  const offset = byte < 4 ? 1 : 0
  const shift = 24 - (byte % 4) * 8
  countValues(words, from, to, bounds, offset, shift)
  exchange(words, bounds, offset, shift)
  if (byte === BYTES - 1) return
  for (let value = 0; value < VALUES; value += 1) {
    const start = bounds[value] as number
    const stop = bounds[value + 1] as number
    if (stop - start > 1) sortRange(words, start, stop, byte + 1)
  }
}

/** `bounds` gets where each value's records begin. */
function countValues(
  words: Uint32Array,
  from: number,
  to: number,
  bounds: Uint32Array,
  offset: number,
  shift: number,
): void {
  heads.fill(0)
  for (let at = from * WORDS + offset; at < to * WORDS; at += WORDS) {
    const value = ((words[at] as number) >>> shift) & 0xff
    heads[value] = (heads[value] as number) + 1
  }
  let sum = from
  for (let value = 0; value < VALUES; value += 1) {
    bounds[value] = sum
    sum += heads[value] as number
  }
  bounds[VALUES] = sum
}

/** Each record goes right to its place; the one that it takes the place of goes on from there. */
function exchange(words: Uint32Array, bounds: Uint32Array, offset: number, shift: number): void {
  for (let value = 0; value < VALUES; value += 1) heads[value] = bounds[value] as number
  for (let value = 0; value < VALUES; value += 1) {
    const end = bounds[value + 1] as number
    while ((heads[value] as number) < end) {
      let at = (heads[value] as number) * WORDS
      let lower = words[at] as number
      let upper = words[at + 1] as number
      let word = words[at + 2] as number
      for (;;) {
        const wanted = ((offset === 1 ? upper : lower) >>> shift) & 0xff
        at = (heads[wanted] as number) * WORDS
        heads[wanted] = (heads[wanted] as number) + 1
        if (wanted === value) break
        const nextLower = words[at] as number
        const nextUpper = words[at + 1] as number
        const nextWord = words[at + 2] as number
        words[at] = lower
        words[at + 1] = upper
        words[at + 2] = word
        lower = nextLower
        upper = nextUpper
        word = nextWord
      }
      words[at] = lower
      words[at + 1] = upper
      words[at + 2] = word
    }
  }
}

function insertAll(words: Uint32Array, from: number, to: number): void {
  for (let record = from + 1; record < to; record += 1) {
    let at = record * WORDS
    const lower = words[at] as number
    const upper = words[at + 1] as number
    const word = words[at + 2] as number
    while (at > from * WORDS) {
      const before = at - WORDS
      const itsUpper = words[before + 1] as number
      if (itsUpper < upper || (itsUpper === upper && (words[before] as number) <= lower)) break
      words[at] = words[before] as number
      words[at + 1] = itsUpper
      words[at + 2] = words[before + 2] as number
      at = before
    }
    words[at] = lower
    words[at + 1] = upper
    words[at + 2] = word
  }
}
