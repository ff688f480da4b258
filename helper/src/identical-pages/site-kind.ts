// How a site's page (guest, page) lies in memory, and how that and the guest are packed into a word of a record.

export const siteKind = {
  /** In a frame of its own, where KSM may merge it. */
  own: 0,
  /** A frame that KSM has merged, whatever its sites. */
  frame: 1,
  /** In a frame that KSM never merges, or in the kernel's zero page. */
  fixed: 2,
  /** Stands for all pages of zeros, which are only counted. */
  zeros: 3,
} as const
export type SiteKind = (typeof siteKind)[keyof typeof siteKind]

const KIND_SHIFT = 30
const CACHED = 1 << 29
const SUBJECT = CACHED - 1

/** `subject`: the guest's index, or the frame's. */
export function siteWord(kind: SiteKind, subject: number): number {
  return ((kind << KIND_SHIFT) | subject) >>> 0
}

export function kindOf(word: number): SiteKind {
  return (word >>> KIND_SHIFT) as SiteKind
}

export function subjectOf(word: number): number {
  return word & SUBJECT
}

/** The site's guest has an image open in whose page cache the content is resident. Signed, as it was given. */
export function asCachedSigned(word: number): number {
  return word | CACHED
}

export function isCached(word: number): boolean {
  return (word & CACHED) !== 0
}
