// Words of records as the engine likes them: it handles numbers beyond 31 bits several times slower.

export function asSigned(words: Uint32Array): Int32Array {
  return new Int32Array(words.buffer, words.byteOffset, words.length)
}

const SIGN = 1 << 31

/** Whether a hash comes after another, by its upper half, then the lower one: words that stand for unsigned ones. */
export function isBehind(lower: number, upper: number, otherLower: number, otherUpper: number): boolean {
  if (upper === otherUpper) return (lower ^ SIGN) > (otherLower ^ SIGN)
  return (upper ^ SIGN) > (otherUpper ^ SIGN)
}
