// When a burst of scanning is over: a measured potential decides. Pure: the governor and the watcher of `ksm start`
// judge by the same rule.
import { withValue } from '../../../src/shared/with-value.ts'

/** What a burst is judged by: counters of /sys/kernel/mm/ksm, cheap to read many times a second. */
export interface BurstCounters {
  readonly fullScans: number
  readonly pagesShared: number
  readonly pagesSharing: number
  readonly pagesUnshared: number
  /** Pages that ksmd has looked at and not compared yet: new ones, and those that change too often. */
  readonly pagesVolatile: number
  /** Absent before Linux 6.6. */
  readonly ksmZeroPages?: number | undefined
  /** Absent: /proc does not show ksmd. */
  readonly ksmdCpuSeconds?: number | undefined
  /**
   * Resident pages of each guest, by its process. They fall by the zero pages that splitting huge pages frees
   * (Linux >= 6.12), which no counter of KSM has. Those of a guest that has ended are missing. Absent: not read at this
   * look.
   */
  readonly guestPages?: GuestPages | undefined
}

export type GuestPages = Readonly<Record<string, number>>

/** What was measured just before the burst. */
export interface BurstAim {
  /** Pages that merging would free. Absent: not measured (a burst that an older helper began). */
  readonly potentialPages?: number | undefined
  /**
   * Pages that merging saves in processes that still live. `pages_sharing` also counts ended guests until ksmd has
   * passed them: that they leave is no loss of the burst.
   */
  readonly savedPages: number
}

/** Plain data: the journal keeps it, so that another helper can go on. */
export interface BurstProgress {
  readonly aim: BurstAim
  /** `full_scans` when the first whole pass began. */
  readonly firstPass: number
  readonly startZeroPages: number
  readonly startGuestPages?: GuestPages | undefined
  readonly startCpuSeconds?: number | undefined
  /** Freed by splits, as far as was seen. */
  readonly splitPages: number
  /** As the present pass began. */
  readonly pass: number
  readonly passFreedPages: number
  readonly passSharedPages: number
  readonly passKnownPages: number
  readonly passCpuSeconds?: number | undefined
  /** By the last whole pass; absent before its end. */
  readonly gainedPages?: number | undefined
  /** Whole passes in which ksmd could compare pages. */
  readonly comparingPasses: number
  readonly voidPasses: number
  readonly voidPassesInARow: number
  readonly voidCpuSeconds: number
}

export interface BurstRule {
  /** A page has to be seen twice with the same content before it is merged: two is the least. */
  readonly stopAfterPasses: number
  /** Of the potential: a pass that brings less is a plateau. */
  readonly plateauRatio: number
  /** Void passes count as well. */
  readonly maxPasses: number
  /** Of ksmd. */
  readonly maxCpuSeconds: number
}

/** The rule of `ksm start`, and the defaults of the policy. */
export const burstRule: BurstRule = {
  stopAfterPasses: 2,
  plateauRatio: 0.01,
  maxPasses: 12,
  maxCpuSeconds: 1800,
}

export type BurstCause =
  | 'potential reached'
  | 'all compared'
  | 'plateau'
  | 'diminishing returns'
  | 'too many passes'
  | 'too much CPU'
  | 'no pass could compare'

export interface BurstEnd {
  /** `realised`: the potential is freed. `exhausted`: more scanning would bring nothing. `given-up`: a limit was hit. */
  readonly outcome: 'realised' | 'exhausted' | 'given-up'
  readonly cause: BurstCause
}

export interface FollowedBurst {
  readonly progress: BurstProgress
  /** Whole passes done, void ones included. */
  readonly passes: number
  readonly freedPages: number
  /** Why it is over. Absent: it goes on. */
  readonly end?: BurstEnd
}

/** Guests that idle still write to some pages all the time. */
const negligiblePages = 64
/** Of the potential: what may be missing of it when it counts as realised, by the counters … */
const marginRatio = 0.01
/** … and by a measurement afterwards, as guests go on writing. */
const measuredMarginRatio = 0.05
/** From the third comparing pass on: a pass that brings less than this share of all that was freed ends the burst. */
const diminishingRatio = 0.05
/** A loss is no plateau until then: guests that end during a burst hide what is gained. */
const patiencePasses = 8
/** Of the known pages: so many uncompared ones at the end of a pass make a plateau doubtful. */
const blockedRatio = 0.2
/** Passes in a row that could not compare anything. */
const maxVoidPassesInARow = 3

/** Starts to follow a burst; `counters` are those just before scanning begins. */
export function beginBurst(counters: BurstCounters, aim: BurstAim): BurstProgress {
  const known = knownPages(counters)
  return {
    aim,
    // Where ksmd knows no page it stands at the beginning; else somewhere in a pass, which then does not count.
    firstPass: known === 0 ? counters.fullScans : counters.fullScans + 1,
    startZeroPages: counters.ksmZeroPages ?? 0,
    ...withValue({
      startGuestPages: counters.guestPages,
      startCpuSeconds: counters.ksmdCpuSeconds,
    }),
    splitPages: 0,
    pass: counters.fullScans,
    passFreedPages: savedPages(counters) - aim.savedPages,
    passSharedPages: counters.pagesShared,
    passKnownPages: known,
    ...withValue({ passCpuSeconds: counters.ksmdCpuSeconds }),
    comparingPasses: 0,
    voidPasses: 0,
    voidPassesInARow: 0,
    voidCpuSeconds: 0,
  }
}

/**
 * Judges a look at the counters. `realised` needs one whole pass at least: by its end, pages of guests that had ended
 * before the burst are counted no longer. All other ends come at the end of a pass, and void passes do not count for
 * them. Pages merged are the whole kernel's, so a fresh measurement afterwards has the last word: `judgeByMeasurement`.
 */
export function followBurst(burst: BurstProgress, seen: BurstCounters, rule: BurstRule): FollowedBurst {
  const passEnded = seen.fullScans > burst.pass
  const looked = { ...burst, splitPages: splitPagesOf(burst, seen) }
  const progress = passEnded ? endPass(looked, seen) : looked
  const passes = Math.max(0, seen.fullScans - burst.firstPass)
  const freedPages = Math.max(0, rawFreedPages(progress, seen))
  const end = isRealised(progress, passes, freedPages)
    ? ({ outcome: 'realised', cause: 'potential reached' } as const)
    : passEnded
      ? judgePass(progress, seen, rule, passes, freedPages)
      : undefined
  return { progress, passes, freedPages, ...withValue({ end }) }
}

/** What a burst may miss of its potential and still have realised it. */
function marginPages(potentialPages: number, ratio: number): number {
  return Math.max(negligiblePages, ratio * potentialPages)
}

/** The last word on an end: `leftPages` were measured after it. */
export function judgeByMeasurement(end: BurstEnd, aim: BurstAim, leftPages: number): BurstEnd {
  if (leftPages <= marginPages(aim.potentialPages ?? 0, measuredMarginRatio))
    return { ...end, outcome: 'realised' }
  return end.outcome === 'realised' ? { ...end, outcome: 'exhausted' } : end
}

/** Of what a burst found: where it has left less, the next one is likely to bring as much of the rest. */
const bringingRatio = 1 / 3

/**
 * Another burst may reach what this one has left: void passes hid it, a limit cut it off, the counters called it
 * realised, or it has brought most of what it had found, and the rest came too late for its passes. Else the rest changes
 * too often or is out of KSM's reach.
 */
export function mayBringMore(
  end: BurstEnd,
  { voidPasses }: Pick<BurstProgress, 'voidPasses'>,
  { foundPages, leftPages }: { readonly foundPages: number; readonly leftPages: number },
): boolean {
  if (voidPasses > 0 || end.outcome === 'realised' || end.cause === 'too many passes') return true
  return end.outcome === 'exhausted' && leftPages <= bringingRatio * foundPages
}

/** Pages that merging saves: each further site of a shared page, and each page replaced by the zero page. */
export function savedPages(counters: Pick<BurstCounters, 'pagesSharing' | 'ksmZeroPages'>): number {
  return counters.pagesSharing + (counters.ksmZeroPages ?? 0)
}

function isRealised({ aim }: BurstProgress, passes: number, freedPages: number): boolean {
  if (aim.potentialPages === undefined || passes < 1) return false
  return freedPages >= aim.potentialPages - marginPages(aim.potentialPages, marginRatio)
}

function judgePass(
  burst: BurstProgress,
  seen: BurstCounters,
  rule: BurstRule,
  passes: number,
  freedPages: number,
): BurstEnd | undefined {
  const exhausted = (cause: BurstCause): BurstEnd => ({ outcome: 'exhausted', cause })
  const givenUp = (cause: BurstCause): BurstEnd => ({ outcome: 'given-up', cause })
  if (burst.voidPassesInARow >= maxVoidPassesInARow) return givenUp('no pass could compare')
  if (burst.voidPassesInARow === 0 && burst.comparingPasses >= rule.stopAfterPasses) {
    const gained = burst.gainedPages ?? Number.POSITIVE_INFINITY
    const of = burst.aim.potentialPages ?? savedPages(seen)
    const plateau = Math.max(negligiblePages, rule.plateauRatio * of)
    const isLate = burst.comparingPasses > rule.stopAfterPasses
    // Where much was not compared, part of the tree may have been blocked: the next pass has another root.
    const mayBeBlocked = !isLate && seen.pagesVolatile >= blockedRatio * knownPages(seen)
    const isPlateau = Math.abs(gained) <= plateau || (gained <= plateau && passes >= patiencePasses)
    if (isPlateau && !mayBeBlocked) return exhausted('plateau')
    if (seen.pagesVolatile <= plateau) return exhausted('all compared')
    if (isLate && gained >= 0 && gained < diminishingRatio * freedPages)
      return exhausted('diminishing returns')
  }
  if (passes >= rule.maxPasses) return givenUp('too many passes')
  const used = difference(seen.ksmdCpuSeconds, burst.startCpuSeconds)
  return used !== undefined && used >= rule.maxCpuSeconds ? givenUp('too much CPU') : undefined
}

function endPass(burst: BurstProgress, seen: BurstCounters): BurstProgress {
  const isWhole = burst.pass >= burst.firstPass
  const isVoid = isWhole && isVoidPass(burst, seen)
  const freed = rawFreedPages(burst, seen)
  const cpuSeconds = difference(seen.ksmdCpuSeconds, burst.passCpuSeconds) ?? 0
  return {
    ...burst,
    pass: seen.fullScans,
    passFreedPages: freed,
    passSharedPages: seen.pagesShared,
    passKnownPages: knownPages(seen),
    ...withValue({ passCpuSeconds: seen.ksmdCpuSeconds }),
    gainedPages: freed - burst.passFreedPages,
    comparingPasses: burst.comparingPasses + (isWhole && !isVoid ? seen.fullScans - burst.pass : 0),
    voidPasses: burst.voidPasses + (isVoid ? 1 : 0),
    voidPassesInARow: isVoid ? burst.voidPassesInARow + 1 : 0,
    voidCpuSeconds: burst.voidCpuSeconds + (isVoid ? cpuSeconds : 0),
  }
}

/**
 * Nearly nothing stood in the trees at its end though ksmd had seen the pages before: the first node of the unstable
 * tree led nowhere, and each search ended there (docs/ksm.md). Pages seen for the first time are volatile by nature.
 */
function isVoidPass(burst: BurstProgress, seen: BurstCounters): boolean {
  const known = knownPages(seen)
  const candidates = known - seen.pagesShared - seen.pagesSharing
  const firstSeen = Math.max(0, known - burst.passKnownPages)
  const compared = seen.pagesUnshared + Math.max(0, seen.pagesShared - burst.passSharedPages)
  const uncompared = seen.pagesVolatile - firstSeen
  return candidates > negligiblePages && compared <= 0.01 * candidates && uncompared >= 0.5 * candidates
}

/** Below zero where guests have ended. */
function rawFreedPages(burst: BurstProgress, seen: BurstCounters): number {
  return savedPages(seen) - burst.aim.savedPages + burst.splitPages
}

/** Pages that guests lost and KSM does not count; guests that grow hide some of them. */
function splitPagesOf(burst: BurstProgress, seen: BurstCounters): number {
  if (burst.startGuestPages === undefined || seen.guestPages === undefined) return burst.splitPages
  const lost = lostPages(burst.startGuestPages, seen.guestPages)
  const counted = Math.max(0, (seen.ksmZeroPages ?? 0) - burst.startZeroPages)
  return Math.min(burst.aim.potentialPages ?? 0, Math.max(0, lost - counted))
}

/** Of guests that still run: what one leaves that has ended was not freed by merging. */
function lostPages(before: GuestPages, now: GuestPages): number {
  const losses = Object.entries(before).map(([pid, pages]) => pages - (now[pid] ?? pages))
  return losses.reduce((sum, loss) => sum + loss, 0)
}

function knownPages(counters: BurstCounters): number {
  const { pagesShared, pagesSharing, pagesUnshared, pagesVolatile } = counters
  return pagesShared + pagesSharing + pagesUnshared + pagesVolatile
}

function difference(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a - b
}
