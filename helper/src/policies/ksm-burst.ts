// When a burst of scanning is over. Pure: the governor and the watcher of `ksm start` judge by it.
import type { KsmCounters } from '../../../src/shared/contract/ksm.ts'

/** What a burst is judged by: cheap to read many times a second. */
export interface BurstCounters {
  readonly fullScans: number
  readonly mergedPages: number
  /** Pages that ksmd has looked at and not compared yet: new ones, and those that change too often. */
  readonly volatilePages: number
}

export interface BurstProgress {
  /** full_scans when the first whole pass began. */
  readonly firstPass: number
  readonly mergedAtStart: number
  /** full_scans when the present pass began. */
  readonly pass: number
  readonly mergedAtPass: number
  /** By the last whole pass. */
  readonly gainedPages: number | undefined
}

export interface BurstRule {
  readonly stopAfterPasses: number
  readonly plateauRatio: number
  /** What a measurement said could be merged. 0: not known. */
  readonly aimPages: number
}

/** The rule of `ksm start`, which measures nothing before. */
export const burstRule: BurstRule = { stopAfterPasses: 2, plateauRatio: 0.01, aimPages: 0 }

export interface FollowedBurst {
  readonly progress: BurstProgress
  /** Whole passes done. */
  readonly passes: number
  /** Why it is over. */
  readonly end?: 'all compared' | 'plateau'
}

// Guests that idle still write to some pages all the time.
const negligiblePages = 64
// After so many passes a loss counts as well: guests break merges as fast as they are made.
const patiencePasses = 8

export function beginBurst(counters: KsmCounters, mergedPages: number): BurstProgress {
  const { fullScans, pagesShared, pagesSharing, pagesUnshared, pagesVolatile } = counters
  // Where ksmd knows no page it stands at the beginning; else somewhere in a pass, which then does not count.
  const standsAtStart = pagesShared + pagesSharing + pagesUnshared + pagesVolatile === 0
  const firstPass = standsAtStart ? fullScans : fullScans + 1
  return {
    firstPass,
    mergedAtStart: mergedPages,
    pass: fullScans,
    mergedAtPass: mergedPages,
    gainedPages: undefined,
  }
}

/**
 * A page is merged when it was seen twice with the same content, so two whole passes are the least. After these a
 * burst is over at the end of a pass that left no page uncompared, or that changed next to nothing. Pages merged are
 * no measure of it: they are the whole kernel's, also of processes that are no guests of ours.
 */
export function followBurst(burst: BurstProgress, seen: BurstCounters, rule: BurstRule): FollowedBurst {
  const plateau = Math.max(negligiblePages, rule.plateauRatio * Math.max(rule.aimPages, seen.mergedPages))
  const progress = followPass(burst, seen)
  const passes = Math.max(0, seen.fullScans - burst.firstPass)
  if (passes < rule.stopAfterPasses) return { progress, passes }
  // A loss is no plateau: pages of guests that have ended count until ksmd comes by, and hide what is gained.
  const gained = progress.gainedPages ?? Number.POSITIVE_INFINITY
  if (Math.abs(gained) <= plateau || (gained <= plateau && passes >= patiencePasses))
    return { progress, passes, end: 'plateau' }
  // Only at the end of a pass: in its middle, those that changed since the last one are not looked at again yet.
  const passEnded = seen.fullScans > burst.pass
  return passEnded && seen.volatilePages <= plateau
    ? { progress, passes, end: 'all compared' }
    : { progress, passes }
}

function followPass(burst: BurstProgress, seen: BurstCounters): BurstProgress {
  if (seen.fullScans <= burst.pass) return burst
  return {
    ...burst,
    pass: seen.fullScans,
    mergedAtPass: seen.mergedPages,
    gainedPages: seen.mergedPages - burst.mergedAtPass,
  }
}
