// Memory that a host has for more guests, and what of it a policy keeps back. Pure.
import type { Assessment, CapacityAnswer, CapacityReading, Policy } from '../../shared/contract/index.ts'
import { add, isKnown, known, mapKnown, notKnown } from './answers.ts'

/** Of what is identical and mergeable, the share that merging frees: pages that keep changing are left. */
export interface Realised {
  readonly best: number
  readonly low: number
}

/** Where nothing has been merged yet. Source: docs/benchmarks.md, share of the potential that KSM reaches. */
const usualRealised: Realised = { best: 0.95, low: 0.8 }
/** Below this merging has hardly begun, and its share says nothing. */
const tellingRatio = 0.5

/** By what merging has reached on this host, once it has reached much. */
export function realisedOf({ totals }: Assessment): Realised {
  const all = totals.mergedBytes + totals.mergeableBytes
  const reached = all > 0 ? totals.mergedBytes / all : 0
  if (reached < tellingRatio) return usualRealised
  return { best: Math.max(reached, usualRealised.best), low: Math.min(reached, usualRealised.low) }
}

/** The page cache that guests do not hold as well: without it they read from storage more. */
function usefulCacheBytes({ totals }: Assessment): number {
  return Math.max(0, totals.imageCacheBytes - totals.doubleCachedBytes)
}

/** What can be taken without swapping: of the host, or of the guests' control groups where those have less. */
export function reclaimableOf({ memory, limit }: CapacityReading): CapacityAnswer {
  const ofHost = Math.max(0, memory.availableBytes - memory.freeBytes)
  if (limit === undefined || limit.limitBytes > memory.totalBytes) return known(ofHost)
  if (limit.cacheBytes === undefined)
    return notKnown('the control groups of the guests do not report their page cache')
  return known(limit.cacheBytes)
}

/** Free memory of the host, or of the guests' control groups where those have less. */
export function freeBytesOf({ memory, limit }: CapacityReading): number {
  if (limit === undefined) return memory.freeBytes
  const ofGroups = Math.max(0, limit.limitBytes - limit.usedBytes)
  return Math.min(ofGroups, memory.availableBytes)
}

/**
 * For more guests. The best figure leaves half of the useful cache alone, the lowest all of it, the highest none.
 * `merges`: what merging still frees of the guests that run is added.
 */
export function roomOf(reading: CapacityReading, assessment: Assessment, merges: boolean): CapacityAnswer {
  const reclaimable = reclaimableOf(reading)
  if (!isKnown(reclaimable)) return reclaimable
  const free = freeBytesOf(reading)
  const useful = Math.min(reclaimable.best, usefulCacheBytes(assessment))
  const all = free + reclaimable.best
  const room = known(all - useful / 2, all - useful, all)
  if (!merges) return room
  const { mergeableBytes } = assessment.totals
  const { best, low } = realisedOf(assessment)
  return add(room, known(mergeableBytes * best, mergeableBytes * low, mergeableBytes))
}

/** What merging saves in a scenario: what it does now, and what it still would. */
export function mergedOf(reading: CapacityReading, assessment: Assessment, merges: boolean): CapacityAnswer {
  if (reading.merging === undefined) return notKnown('this kernel has no KSM')
  const now = known(reading.merging.mergedBytes)
  if (!merges) return now
  const { mergeableBytes } = assessment.totals
  const { best, low } = realisedOf(assessment)
  return add(now, known(mergeableBytes * best, mergeableBytes * low, mergeableBytes))
}

/** What the policy keeps for merged pages that break. Where no policy governs KSM it is what the policy's defaults say. */
export function reserveOf(
  { reserveBytes, reserveRatio }: Pick<Policy['ksm'], 'reserveBytes' | 'reserveRatio'>,
  merged: CapacityAnswer,
): CapacityAnswer {
  if (!isKnown(merged)) return known(reserveBytes)
  return mapKnown(merged, (bytes) => Math.max(reserveBytes, reserveRatio * bytes))
}
