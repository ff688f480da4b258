// What every reader of guests' RAM needs while one scan runs.
import type { Pace } from '../../pacing/pace.ts'
import type { ScanOptions } from '../../pacing/scan-options.ts'
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
