// What the last measurement says could still be won. A whole scrub measures the double cached anew. Pure.
import type { HostView } from '../../shared/contract/index.ts'

export interface WhatIsLeft {
  readonly mergeableBytes: number
  readonly doubleCachedBytes: number
  readonly reclaimableBytes: number
}

/** Undefined until the host has been assessed. A scrub of some images only does not say what the others hold. */
export function whatIsLeft({ assessment, lastScrub }: HostView): WhatIsLeft | undefined {
  if (!assessment) return undefined
  const { mergeableBytes, doubleCachedBytes, reclaimableBytes } = assessment.totals
  const scrubbed = new Set(lastScrub?.images.map(({ path }) => path))
  const whole = assessment.images.every(({ path, notApplicable }) => notApplicable || scrubbed.has(path))
  if (!lastScrub || lastScrub.dryRun || lastScrub.at < assessment.at || !whole)
    return { mergeableBytes, doubleCachedBytes, reclaimableBytes }
  const left = Math.max(0, lastScrub.totals.residentAfterBytes - lastScrub.totals.keptUniqueBytes)
  return { mergeableBytes, doubleCachedBytes: left, reclaimableBytes: mergeableBytes + left }
}
