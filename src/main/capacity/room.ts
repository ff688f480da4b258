// Memory that a host has for more guests, and what of it a policy keeps back. Pure.
import type { Assessment, CapacityAnswer, CapacityReading, Policy } from '../../shared/contract/index.ts'
import { add, isKnown, known, mapKnown, notKnown, orNotKnown } from './answers.ts'

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

/** The limit of the guests' control group, where it is below what the host has. */
function limitOf({ memory, limit }: CapacityReading): CapacityReading['limit'] {
  return limit === undefined || limit.limitBytes > memory.totalBytes ? undefined : limit
}

/**
 * What can be taken without swapping, beside what is free: of the host, or of the guests' control group where that has
 * less. MemAvailable counts the cache of the group, too, and is never passed.
 */
export function reclaimableOf(reading: CapacityReading): CapacityAnswer {
  const { availableBytes } = reading.memory
  const limit = limitOf(reading)
  const free = freeBytesOf(reading)
  if (limit === undefined) return known(Math.max(0, availableBytes - free))
  if (limit.cacheBytes === undefined)
    return notKnown('the control group of the guests does not report its page cache')
  const ofGroup = Math.max(0, limit.limitBytes - limit.usedBytes) + limit.cacheBytes
  return known(Math.max(0, Math.min(ofGroup, availableBytes) - free))
}

/** Free memory of the host, or of the guests' control group where that has less. */
export function freeBytesOf(reading: CapacityReading): number {
  const { freeBytes } = reading.memory
  const limit = limitOf(reading)
  return limit === undefined
    ? freeBytes
    : Math.min(freeBytes, Math.max(0, limit.limitBytes - limit.usedBytes))
}

/** What merging still frees of guests that run. `excluded`: those that the policy keeps KSM away from, by name. */
export function stillFreedOf(assessment: Assessment, excluded: readonly string[]): CapacityAnswer {
  const kept = assessment.guests.filter(({ name }) => excluded.includes(name))
  const keptBytes = kept.reduce((sum, { mergeableBytes }) => sum + mergeableBytes, 0)
  const mergeableBytes = Math.max(0, assessment.totals.mergeableBytes - keptBytes)
  const { best, low } = realisedOf(assessment)
  return known(mergeableBytes * best, mergeableBytes * low, mergeableBytes)
}

/**
 * For more guests. The best figure leaves half of the useful cache alone, the lowest all of it, the highest none.
 * `frees`: what merging still frees of the guests that run.
 */
export function roomOf(
  reading: CapacityReading,
  assessment: Assessment,
  frees: CapacityAnswer,
): CapacityAnswer {
  const reclaimable = reclaimableOf(reading)
  if (!isKnown(reclaimable)) return reclaimable
  const useful = Math.min(reclaimable.best, usefulCacheBytes(assessment))
  const all = freeBytesOf(reading) + reclaimable.best
  return add(known(all - useful / 2, all - useful, all), frees)
}

/** What merging saves now. */
export function mergedNowOf({ merging }: CapacityReading): CapacityAnswer {
  return orNotKnown(merging?.mergedBytes, 'this kernel has no KSM')
}

/** What the policy keeps for merged pages that break. Where no policy governs KSM it is what the policy's defaults say. */
export function reserveOf(
  { reserveBytes, reserveRatio }: Pick<Policy['ksm'], 'reserveBytes' | 'reserveRatio'>,
  merged: CapacityAnswer,
): CapacityAnswer {
  if (!isKnown(merged)) return known(reserveBytes)
  return mapKnown(merged, (bytes) => Math.max(reserveBytes, reserveRatio * bytes))
}
