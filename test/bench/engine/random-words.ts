/** Evenly spread words, the same in every run (xorshift). */
export function randomWords(count: number): Uint32Array {
  const words = new Uint32Array(count)
  let state = 0x9e37_79b9
  for (let i = 0; i < count; i += 1) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    words[i] = state
  }
  return words
}
