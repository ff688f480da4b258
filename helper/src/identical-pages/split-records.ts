// Parts records of three words by the top bit of their hash, in place, so that two threads may sort a part each.
import { RECORD_WORDS } from './record-words.ts'
import { asSigned } from './signed-words.ts'

/** Records looked at between two pauses: some milliseconds. */
const STEP = 1 << 18

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
  const stop = (state.to - STEP) * RECORD_WORDS
  let from = state.from * RECORD_WORDS
  let to = state.to * RECORD_WORDS
  while (to > stop && from < to) {
    to -= RECORD_WORDS
    // Signed: the top bit is set in negative ones.
    if ((words[to + 1] as number) < 0) continue
    while (from < to && (words[from + 1] as number) >= 0) from += RECORD_WORDS
    if (from === to) {
      from += RECORD_WORDS
      break
    }
    swap(words, from, to)
    from += RECORD_WORDS
  }
  state.from = from / RECORD_WORDS
  state.to = to / RECORD_WORDS
}

function swap(words: Int32Array, a: number, b: number): void {
  for (let word = 0; word < RECORD_WORDS; word += 1) {
    const mine = words[a + word] as number
    words[a + word] = words[b + word] as number
    words[b + word] = mine
  }
}
