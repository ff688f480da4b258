// The layout of a record: three words. The third packs the kind of a page and its guest or frame.

export const siteKind = {
  /** In a frame of one process, which KSM may merge. */
  private: 0,
  /** A frame that KSM has merged, with all its sites. */
  merged: 1,
  /** In a frame that KSM never merges, or in the kernel's zero page. */
  unmergeable: 2,
  /** Stands for all pages of zeros, which are only counted. */
  zero: 3,
} as const
export type SiteKind = (typeof siteKind)[keyof typeof siteKind]

const kindShift = 30
const cachedBit = 1 << 29
const subjectMask = cachedBit - 1

/** `subject`: the guest's index, or the frame's. */
export function siteWord(kind: SiteKind, subject: number): number {
  return ((kind << kindShift) | subject) >>> 0
}

/** What holds the content of a record, by the record's third word. */
export function kindOf(word: number): SiteKind {
  return (word >>> kindShift) as SiteKind
}

/** The guest's index, or for `merged` the frame's, by the record's third word. */
export function subjectOf(word: number): number {
  return word & subjectMask
}

/**
 * The word of a record whose guest has an image open in whose page cache the content is resident. Signed, as it was given.
 */
export function asCachedSigned(word: number): number {
  return word | cachedBit
}

/** Whether `asCachedSigned` has marked the word. */
export function isCached(word: number): boolean {
  return (word & cachedBit) !== 0
}

/** Whether it is of one page, private or unmergeable, whose content no image's cache is known to hold. */
export function isPlain(word: number): boolean {
  // The lower bit of the kind, and the mark.
  return (word & ((1 << kindShift) | cachedBit)) === 0
}

/** Words of a record: the lower half of a hash, the upper half, and what holds that content. */
export const recordWords = 3

/** Views records as Int32: JavaScriptCore is several times slower above 2^31 - 1. */
export function asSigned(words: Uint32Array): Int32Array {
  return new Int32Array(words.buffer, words.byteOffset, words.length)
}

const signBit = 1 << 31

/** Whether a hash comes after another, by its upper half, then the lower one: words that stand for unsigned ones. */
export function isBehind(lower: number, upper: number, otherLower: number, otherUpper: number): boolean {
  if (upper === otherUpper) return (lower ^ signBit) > (otherLower ^ signBit)
  return (upper ^ signBit) > (otherUpper ^ signBit)
}
