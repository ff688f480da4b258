// Sorts records of three words by their hash, in place: radix exchange by bytes of the hash from the top (American flag
// sort), insertion where few are left. Nothing is allocated but a table for each of the eight bytes, once for each sort.
// Records can be split for two threads.
import { asSigned, isBehind, recordWords } from './record-layout.ts'

/** Of three million, two passes leave some 50 together: a third one would cost more than inserting them (tried). */
const fewRecords = 64
const hashBytes = 8
const byteValues = 256

/** Records handled between two pauses: some milliseconds. */
const stepRecords = 1 << 18

/** Where the records of each value of a byte begin and, while they are exchanged, where the next one goes. */
class ByteTables {
  /** One for each byte, since those of the bytes above are in use in the meantime. */
  readonly bounds = Array.from({ length: hashBytes }, () => new Uint32Array(byteValues + 1))
  /** Only in use while one range is exchanged. */
  readonly heads = new Uint32Array(byteValues)
}

/** By the upper half (second word), then the lower one (first word). Goes on at each `next`, until it is done. */
export function* sortRecords(records: Uint32Array, length: number): Generator<undefined, void> {
  const words = asSigned(records)
  if (length <= fewRecords) {
    insertAll(words, 0, length)
    return
  }
  const tables = new ByteTables()
  const { heads } = tables
  const bounds = tables.bounds[0] as Uint32Array
  for (let from = 0; from < length; from += stepRecords) {
    countValues(words, from, Math.min(from + stepRecords, length), heads, 1, 24)
    yield
  }
  setBounds(bounds, heads, 0)
  for (let value = 0; value < byteValues; value += 1)
    while (exchange(words, bounds, heads, 1, 24, value, stepRecords)) yield
  let sorted = 0
  for (let value = 0; value < byteValues; value += 1) {
    const [start, stop] = [bounds[value] as number, bounds[value + 1] as number]
    if (stop - start > 1) sortRange(words, start, stop, 1, tables)
    sorted += stop - start
    if (sorted < stepRecords) continue
    sorted = 0
    yield
  }
}

function sortRange(words: Int32Array, from: number, to: number, byte: number, tables: ByteTables): void {
  if (to - from <= fewRecords) {
    insertAll(words, from, to)
    return
  }
  const { heads } = tables
  const bounds = tables.bounds[byte] as Uint32Array
  const offset = byte < 4 ? 1 : 0
  const shift = 24 - (byte % 4) * 8
  heads.fill(0)
  countValues(words, from, to, heads, offset, shift)
  setBounds(bounds, heads, from)
  for (let value = 0; value < byteValues; value += 1)
    exchange(words, bounds, heads, offset, shift, value, Number.POSITIVE_INFINITY)
  if (byte === hashBytes - 1) return
  for (let value = 0; value < byteValues; value += 1) {
    const start = bounds[value] as number
    const stop = bounds[value + 1] as number
    if (stop - start > 1) sortRange(words, start, stop, byte + 1, tables)
  }
}

function countValues(
  words: Int32Array,
  from: number,
  to: number,
  counts: Uint32Array,
  offset: number,
  shift: number,
): void {
  for (let at = from * recordWords + offset; at < to * recordWords; at += recordWords) {
    const value = ((words[at] as number) >>> shift) & 0xff
    counts[value] = (counts[value] as number) + 1
  }
}

/** `bounds` and `heads`, which had the counts, get where each value's records begin. */
function setBounds(bounds: Uint32Array, heads: Uint32Array, from: number): void {
  let sum = from
  for (let value = 0; value < byteValues; value += 1) {
    bounds[value] = sum
    sum += heads[value] as number
    heads[value] = bounds[value] as number
  }
  bounds[byteValues] = sum
}

/**
 * Puts records right to their places, each going on with the one whose place it takes, until those of `value` are all
 * there. True: it stopped before, having moved `limit` records.
 */
function exchange(
  words: Int32Array,
  bounds: Uint32Array,
  heads: Uint32Array,
  offset: number,
  shift: number,
  value: number,
  limit: number,
): boolean {
  const end = bounds[value + 1] as number
  let moved = 0
  while ((heads[value] as number) < end) {
    if (moved >= limit) return true
    let at = (heads[value] as number) * recordWords
    let lower = words[at] as number
    let upper = words[at + 1] as number
    let word = words[at + 2] as number
    for (;;) {
      const wanted = ((offset === 1 ? upper : lower) >>> shift) & 0xff
      at = (heads[wanted] as number) * recordWords
      heads[wanted] = (heads[wanted] as number) + 1
      moved += 1
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
  return false
}

function insertAll(words: Int32Array, from: number, to: number): void {
  for (let record = from + 1; record < to; record += 1) {
    let at = record * recordWords
    const lower = words[at] as number
    const upper = words[at + 1] as number
    const word = words[at + 2] as number
    while (at > from * recordWords) {
      const before = at - recordWords
      const itsUpper = words[before + 1] as number
      if (!isBehind(words[before] as number, itsUpper, lower, upper)) break
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

/** Goes on at each `next`, until it is done. Returns how many have a top bit of 0: they come first. */
export function* splitRecords(records: Uint32Array, length: number): Generator<undefined, number> {
  const words = asSigned(records)
  const state = { from: 0, to: length }
  while (state.from < state.to) {
    splitSome(words, state)
    yield
  }
  return state.from
}

/** Those before `from`, and from `to` on, are where they belong. */
function splitSome(words: Int32Array, state: { from: number; to: number }): void {
  const stop = (state.to - stepRecords) * recordWords
  let from = state.from * recordWords
  let to = state.to * recordWords
  while (to > stop && from < to) {
    to -= recordWords
    // Signed: the top bit is set in negative ones.
    if ((words[to + 1] as number) < 0) continue
    while (from < to && (words[from + 1] as number) >= 0) from += recordWords
    if (from === to) {
      from += recordWords
      break
    }
    swap(words, from, to)
    from += recordWords
  }
  state.from = from / recordWords
  state.to = to / recordWords
}

function swap(words: Int32Array, a: number, b: number): void {
  for (let word = 0; word < recordWords; word += 1) {
    const mine = words[a + word] as number
    words[a + word] = words[b + word] as number
    words[b + word] = mine
  }
}
