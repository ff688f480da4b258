// What measurements say is still to be won on a host: an assessment says it, each scrub after it changes it. Pure.
import type { ScrubResult } from '../../shared/contract/index.ts'

/** Absent: not known. */
export interface WhatIsLeft {
  readonly doubleCachedBytes?: number
  readonly reclaimableBytes?: number
}

/**
 * What is still double cached is measured by a whole scrub; after a partial one it is what was known
 * less what went. A scrub leaves what is mergeable as it was.
 */
export function leftAfterScrub(
  before: WhatIsLeft,
  { residentAfterBytes, keptUniqueBytes, evictedBytes }: ScrubResult['totals'],
  whole: boolean,
): WhatIsLeft {
  const known = before.doubleCachedBytes
  if (!whole && known === undefined) return {}
  const doubleCachedBytes = Math.max(
    0,
    whole ? residentAfterBytes - keptUniqueBytes : (known ?? 0) - evictedBytes,
  )
  if (known === undefined || before.reclaimableBytes === undefined) return { doubleCachedBytes }
  const reclaimableBytes = Math.max(0, before.reclaimableBytes - known + doubleCachedBytes)
  return { doubleCachedBytes, reclaimableBytes }
}
