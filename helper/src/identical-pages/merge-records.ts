// Puts records that are sorted already among others that are, in place.
import { RECORD_WORDS } from './record-words.ts'
import { asSigned, isBehind } from './signed-words.ts'

/** Records moved between two pauses: some milliseconds. */
const STEP = 1 << 18

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
  let at = (own + other) * RECORD_WORDS
  for (let moved = 0; other > 0 && moved < STEP; moved += 1) {
    at -= RECORD_WORDS
    const next = (other - 1) * RECORD_WORDS
    const lower = others[next] as number
    const upper = others[next + 1] as number
    const last = (own - 1) * RECORD_WORDS
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
