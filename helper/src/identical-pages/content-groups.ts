// Content groups: all sites (guest, page) that hold the same content, counted while guests are scanned.
import { HashTable } from './hash-table.ts'

/** How a site's page lies in memory. Fits two bits. */
export const siteKind = {
  /** In a frame of its own, where KSM may merge it. */
  own: 0,
  /** In a frame that KSM has merged. */
  merged: 1,
  /** In a frame that KSM never merges, or in the kernel's zero page. */
  fixed: 2,
} as const
export type SiteKind = (typeof siteKind)[keyof typeof siteKind]

/** More guests than this are not told apart in the sharing matrix: it has a bit a guest. */
export const MAX_SHARING_GUESTS = 32

/** Number of the group of zero pages. */
export const ZERO_GROUP = 1

// Words of a group.
const SITES = 0
const OWN_FRAMES = 1
const MERGED_FRAMES = 2
const ONCE = 3
const TWICE = 4
const GROUP_WORDS = 5

const CACHED = 0x8000_0000

export class ContentGroups {
  private readonly table: HashTable
  private words: Uint32Array

  constructor(expectedPages: number, zeroHash: { readonly lower: number; readonly upper: number }) {
    this.table = new HashTable(expectedPages)
    this.words = new Uint32Array((expectedPages + 2) * GROUP_WORDS)
    this.table.add(zeroHash.lower, zeroHash.upper)
  }

  get count(): number {
    return this.table.count
  }

  /** 0 where no site holds that content. */
  find(lower: number, upper: number): number {
    const group = this.table.find(lower, upper)
    return this.sites(group) > 0 ? group : 0
  }

  groupOf(lower: number, upper: number): number {
    const group = this.table.add(lower, upper)
    if ((group + 1) * GROUP_WORDS > this.words.length) this.grow()
    return group
  }

  /** `guestBit` is 0 for guests that are not told apart. */
  addSites(group: number, kind: SiteKind, guestBit: number, count: number): void {
    const { words } = this
    const at = group * GROUP_WORDS
    words[at + SITES] = (words[at + SITES] ?? 0) + count
    if (kind === siteKind.own) words[at + OWN_FRAMES] = (words[at + OWN_FRAMES] ?? 0) + count
    const once = words[at + ONCE] ?? 0
    if ((once & guestBit) !== 0 || count > 1) words[at + TWICE] = (words[at + TWICE] ?? 0) | guestBit
    words[at + ONCE] = once | guestBit
  }

  /** A merged frame seen for the first time. */
  addMergedFrame(group: number): void {
    const at = group * GROUP_WORDS + MERGED_FRAMES
    this.words[at] = (this.words[at] ?? 0) + 1
  }

  /** The content is resident in the page cache of an image. */
  markCached(group: number): void {
    const at = group * GROUP_WORDS + MERGED_FRAMES
    this.words[at] = (this.words[at] ?? 0) | CACHED
  }

  isCached(group: number): boolean {
    return ((this.words[group * GROUP_WORDS + MERGED_FRAMES] ?? 0) & CACHED) !== 0
  }

  sites(group: number): number {
    return this.words[group * GROUP_WORDS + SITES] ?? 0
  }

  /** Frames that KSM may merge but has not. */
  ownFrames(group: number): number {
    return this.words[group * GROUP_WORDS + OWN_FRAMES] ?? 0
  }

  /** More than one where KSM's max_page_sharing split a group. */
  mergedFrames(group: number): number {
    return (this.words[group * GROUP_WORDS + MERGED_FRAMES] ?? 0) & ~CACHED
  }

  /** Frames that KSM would free: all but one of those that it may or does share. */
  freeableFrames(group: number): number {
    return Math.max(0, this.ownFrames(group) + this.mergedFrames(group) - 1)
  }

  /** A bit for each guest with a site in the group. */
  holders(group: number): number {
    return this.words[group * GROUP_WORDS + ONCE] ?? 0
  }

  /** A bit for each guest with two sites and more. */
  repeaters(group: number): number {
    return this.words[group * GROUP_WORDS + TWICE] ?? 0
  }

  private grow(): void {
    const larger = new Uint32Array(this.words.length * 2)
    larger.set(this.words)
    this.words = larger
  }
}
