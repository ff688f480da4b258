// Sorts records of three words by their hash in place: radix exchange by bytes of the hash from the top (American flag
// sort), insertion where few are left. Nothing is allocated but a table for each of the eight bytes.
import { RECORD_WORDS } from './record-words.ts'
import { asSigned, isBehind } from './signed-words.ts'

const FEW = 24
const BYTES = 8
const VALUES = 256

/** Records handled between two pauses: some milliseconds. */
const STEP = 1 << 18

const starts = Array.from({ length: BYTES }, () => new Uint32Array(VALUES + 1))
const sharedHeads = new Uint32Array(VALUES)

/** By the upper half (second word), then the lower one (first word). Goes on at each `next`, until it is done. */
export function* sortRecords(records: Uint32Array, length: number): Generator<undefined, void> {
  const words = asSigned(records)
  if (length <= FEW) {
    insertAll(words, 0, length)
    return
  }
  // Of its own, unlike those of the bytes below: others may sort while this one pauses.
  const bounds = new Uint32Array(VALUES + 1)
  const heads = new Uint32Array(VALUES)
  for (let from = 0; from < length; from += STEP) {
    countValues(words, from, Math.min(from + STEP, length), heads, 1, 24)
    yield
  }
  setBounds(bounds, heads, 0)
  for (let value = 0; value < VALUES; value += 1)
    while (exchange(words, bounds, heads, 1, 24, value, STEP)) yield
  let sorted = 0
  for (let value = 0; value < VALUES; value += 1) {
    const [start, stop] = [bounds[value] as number, bounds[value + 1] as number]
    if (stop - start > 1) sortRange(words, start, stop, 1)
    sorted += stop - start
    if (sorted < STEP) continue
    sorted = 0
    yield
  }
}

function sortRange(words: Int32Array, from: number, to: number, byte: number): void {
  if (to - from <= FEW) {
    insertAll(words, from, to)
    return
  }
  const bounds = starts[byte] as Uint32Array
  const offset = byte < 4 ? 1 : 0
  const shift = 24 - (byte % 4) * 8
  sharedHeads.fill(0)
  countValues(words, from, to, sharedHeads, offset, shift)
  setBounds(bounds, sharedHeads, from)
  for (let value = 0; value < VALUES; value += 1)
    exchange(words, bounds, sharedHeads, offset, shift, value, Number.POSITIVE_INFINITY)
  if (byte === BYTES - 1) return
  for (let value = 0; value < VALUES; value += 1) {
    const start = bounds[value] as number
    const stop = bounds[value + 1] as number
    if (stop - start > 1) sortRange(words, start, stop, byte + 1)
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
  for (let at = from * RECORD_WORDS + offset; at < to * RECORD_WORDS; at += RECORD_WORDS) {
    const value = ((words[at] as number) >>> shift) & 0xff
    counts[value] = (counts[value] as number) + 1
  }
}

/** `bounds` and `heads`, which had the counts, get where each value's records begin. */
function setBounds(bounds: Uint32Array, heads: Uint32Array, from: number): void {
  let sum = from
  for (let value = 0; value < VALUES; value += 1) {
    bounds[value] = sum
    sum += heads[value] as number
    heads[value] = bounds[value] as number
  }
  bounds[VALUES] = sum
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
    let at = (heads[value] as number) * RECORD_WORDS
    let lower = words[at] as number
    let upper = words[at + 1] as number
    let word = words[at + 2] as number
    for (;;) {
      const wanted = ((offset === 1 ? upper : lower) >>> shift) & 0xff
      at = (heads[wanted] as number) * RECORD_WORDS
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
    let at = record * RECORD_WORDS
    const lower = words[at] as number
    const upper = words[at + 1] as number
    const word = words[at + 2] as number
    while (at > from * RECORD_WORDS) {
      const before = at - RECORD_WORDS
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
