// What one scan of guests' RAM is given, and who takes what it finds.
import type { Pace } from '../../pacing/pace.ts'
import type { ScanOptions } from '../../pacing/scan-options.ts'
import type { SiteKind } from '../records/record-layout.ts'
import type { MergedFrames } from './merged-frames.ts'
import type { PageChunk } from './page-hash.ts'
import type { ReadingThread } from './reading-thread.ts'

export interface Scan extends ScanOptions {
  /** Where pages are copied to and hashed. */
  readonly chunk: PageChunk
  readonly pace: Pace
}

/** What the caller keeps from one scan of guests to the next. */
export interface Remembered {
  /** Absent: each scan reads all merged pages anew. */
  readonly mergedFrames?: MergedFrames
  /** Reads part of the guests that have no merged pages, and sorts part of what was read. Absent: one thread does all. */
  readonly thread?: ReadingThread
}

/** Takes hashes of pages. */
export interface HashSink {
  /** Hashes of `count` pages of one kind, as pairs of words, the lower half first. They may be overwritten afterwards. */
  addPages(hashes: Uint32Array, count: number, kind: SiteKind): void
}

/** Takes all pages of one guest: hashes, and merged pages by the frame that they lie in. */
export interface FrameSink extends HashSink {
  /**
   * Takes pages in shared frames whose content is known, by their page-map entries. Returns where the first page lies that
   * is none: `to` if all are.
   */
  addKnownFrames(entries: Int32Array, from: number, to: number): number
  /** A page in a frame that is merged now. False: the frame's content is not known, so the page must be read. */
  addKnownFrame(frame: number): boolean
  /** A page in a merged frame that was read. */
  addFrame(frame: number, lower: number, upper: number): void
  addKernelZeroPages(pages: number): void
  /** How many pages in merged frames it has listed so far. Absent: it lists none. */
  readonly mergedSiteCount: number | undefined
  /** Indexes of the frames of the pages listed behind the first `count`. */
  mergedSitesSince(count: number): Uint32Array
  /** Pages in merged frames by the indexes of their frames; the array must not change afterwards. */
  addMergedSites(indexes: Uint32Array): void
}
