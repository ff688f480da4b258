// What every long scan of a host is given.
import type { Progress } from '../../../src/shared/contract/quantity.ts'
import type { MergedFrames } from '../identical-pages/merged-frames.ts'
import type { ReadingThread } from '../identical-pages/reading-thread.ts'
import type { KernelRoot } from '../kernel/kernel-root.ts'
import type { KnownContents } from '../page-cache/known-contents.ts'

/** What a policy keeps hands off. */
export interface Exclusions {
  /** Names of guests that are not to be merged. */
  readonly guests: readonly string[]
  /** Paths of images that are not to be scrubbed. */
  readonly images: readonly string[]
}

export interface ScanOptions {
  readonly root: KernelRoot
  readonly signal: AbortSignal
  readonly reportProgress: (progress: Progress) => void
  /** Takes a line for the log, of what should never be. Absent: nobody listens. */
  readonly log?: (line: string) => void
  /** Absent: found by trying. `entries` reads /proc/<pid>/pagemap itself, as kernels before 6.7 need it. */
  readonly presentBy?: 'scan' | 'entries'
  /** At most this share of a core, on average over 10 s and less. Absent: what is free. */
  readonly cpuRatio?: number
  /** Reads part of the guests that have no merged pages, and sorts part of what was read. Absent: one thread does all. */
  readonly thread?: ReadingThread
  readonly exclusions?: Exclusions
  /** Kept by the caller from one scan to the next, so that merged pages are not read again. */
  readonly mergedFrames?: MergedFrames
  /** Likewise, so that cached pages of images that nothing has written to are not read again. */
  readonly knownContents?: KnownContents
  /** Up to so many pages each content is compared; beyond, a sample of contents. Absent: as memory allows. */
  readonly exactPages?: number
}
