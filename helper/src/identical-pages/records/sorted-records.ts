// What is done with sorted records, in place: merging them into others, and keeping one of each.
import { asSigned, isBehind, recordWords } from './record-layout.ts'

/** Records handled between two pauses: some milliseconds. */
const stepRecords = 1 << 18
const fewWords = 64

/** By the upper half of their hash, then the lower one. */
export interface SortedRecords {
  readonly words: Uint32Array
  readonly length: number
}

/** `words` holds `length` sorted records and has room for the others. Goes on at each `next`, until it is done. */
export function* mergeRecords(
  words: Uint32Array,
  length: number,
  others: SortedRecords,
): Generator<undefined, void> {
  // From the end, so that nothing is written over that is still to be moved.
  const state = { own: length, other: others.length }
  const [mine, theirs] = [asSigned(words), asSigned(others.words)]
  while (state.other > 0) {
    mergeSome(mine, theirs, state)
    yield
  }
}

function mergeSome(words: Int32Array, others: Int32Array, state: { own: number; other: number }): void {
  let { own, other } = state
  let at = (own + other) * recordWords
  for (let moved = 0; other > 0 && moved < stepRecords; moved += 1) {
    at -= recordWords
    const next = (other - 1) * recordWords
    const lower = others[next] as number
    const upper = others[next + 1] as number
    const last = (own - 1) * recordWords
    if (own > 0 && isBehind(words[last] as number, words[last + 1] as number, lower, upper)) {
      words[at] = words[last] as number
      words[at + 1] = words[last + 1] as number
      words[at + 2] = words[last + 2] as number
      own -= 1
    } else {
      words[at] = lower
      words[at + 1] = upper
      words[at + 2] = others[next + 2] as number
      other -= 1
    }
  }
  state.own = own
  state.other = other
}

/**
 * `records` holds `length` records sorted by their hash. Leaves one of each hash and word, those of one hash in the order
 * of their words. Goes on at each `next`, until it is done; returns how many are left.
 */
export function* keepDistinctRecords(records: Uint32Array, length: number): Generator<undefined, number> {
  let kept = 0
  let untilPause = stepRecords
  const few = new Uint32Array(fewWords)
  for (let from = 0; from < length; ) {
    let end = from + 1
    while (end < length && isSameHash(records, from, end)) end += 1
    kept = keepGroup(records, { from, end }, kept, few)
    from = end
    if (from < untilPause) continue
    untilPause = from + stepRecords
    yield
  }
  return kept
}

function isSameHash(records: Uint32Array, a: number, b: number): boolean {
  return (
    records[a * recordWords + 1] === records[b * recordWords + 1] &&
    records[a * recordWords] === records[b * recordWords]
  )
}

/** Writes them from `kept` on; returns where the next group goes. `few` is room for the words of small groups. */
function keepGroup(
  records: Uint32Array,
  { from, end }: { readonly from: number; readonly end: number },
  kept: number,
  few: Uint32Array,
): number {
  const lower = records[from * recordWords] as number
  const upper = records[from * recordWords + 1] as number
  if (end - from === 1) {
    put(records, kept, lower, upper, records[from * recordWords + 2] as number)
    return kept + 1
  }
  const words = end - from <= fewWords ? few.subarray(0, end - from) : new Uint32Array(end - from)
  for (let i = from; i < end; i += 1) words[i - from] = records[i * recordWords + 2] as number
  words.sort()
  let to = kept
  for (let i = 0; i < words.length; i += 1) {
    if (i > 0 && words[i] === words[i - 1]) continue
    put(records, to, lower, upper, words[i] as number)
    to += 1
  }
  return to
}

function put(records: Uint32Array, record: number, lower: number, upper: number, word: number): void {
  const at = record * recordWords
  records[at] = lower
  records[at + 1] = upper
  records[at + 2] = word
}
