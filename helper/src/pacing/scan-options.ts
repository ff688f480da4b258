// What the caller of any long scan of a host decides.
import type { Progress } from '../../../src/shared/contract/quantity.ts'
import type { KernelRoot } from '../kernel/kernel-root.ts'
import type { PresentBy } from '../kernel/present-pages.ts'

/** What a policy excludes. */
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
  /** Takes a line for the log, about what should never be. Absent: nobody listens. */
  readonly log?: (line: string) => void
  /** Absent: found by trying. */
  readonly presentBy?: PresentBy
  /** At most this share of a core, on average over 10 s and less. Absent: what is free. */
  readonly cpuRatio?: number
  readonly exclusions?: Exclusions
  /** Up to so many pages each content is compared; beyond, a sample of contents. Absent: as memory allows. */
  readonly exactPages?: number
}
