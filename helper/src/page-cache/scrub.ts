// Scrub: evicts clean page-cache pages of images that a guest holds, by content.
import type { ScrubParams, ScrubResult } from '../../../src/shared/contract/page-cache.ts'
import { Problem } from '../../../src/shared/problem.ts'
import type { ScanOptions } from '../scan-options.ts'

export interface ScrubOptions extends ScanOptions {
  /** Says what would be evicted and changes nothing. */
  readonly dryRun: boolean
}

export async function scrub(_params: ScrubParams, _options: ScrubOptions): Promise<ScrubResult> {
  throw new Problem('not-supported', 'cannot scrub: not built yet')
}
