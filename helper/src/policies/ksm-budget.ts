// ksmd's CPU budget: what it may use within a window that slides with time, and the scan rate that keeps to it.

import type { KsmPolicy } from '../../../src/shared/contract/policies.ts'
import { riseOf } from '../../../src/shared/statistics/counter.ts'
import type { KsmObservation } from './ksm-observation.ts'

interface UsedCpu {
  readonly atSeconds: number
  readonly cpuSeconds: number
}

export interface KsmBudget {
  readonly atSeconds: number | undefined
  /** What ksmd has used is counted until then: the last look, or later. */
  readonly countedAtSeconds: number | undefined
  /** From the look before the last one to the last one. */
  readonly lookSeconds: number
  /** What ksmd used, look by look, within the last window. */
  readonly used: readonly UsedCpu[]
  /** CPU seconds that may still be spent now; below zero after an overdraft. */
  readonly availableSeconds: number
  readonly isAtFullRate: boolean
  /** Guests are at work, and not all of them find a processor: what ksmd takes, they lose. */
  readonly isBusy: boolean
  /** Until then they are taken to be. Undefined: they never were. */
  readonly busyUntilSeconds: number | undefined
  /** Cost of scanning one page, measured where ksmd can be seen. */
  readonly secondsPerPage: number
  /** Its CPU is estimated, as /proc does not show ksmd. */
  readonly isEstimated: boolean
  readonly cpuSeconds: number | undefined
  readonly pagesScanned: number | undefined
}

/**
 * Cost of a page until it is measured. Looking at a page for the first time takes 0.5 microseconds, comparing it in a
 * large tree of cold pages 7: where the cost stays unknown, the larger one keeps the budget.
 */
const assumedSecondsPerPage = 7e-6
/** Of the budget: full rate begins while so much is available, and ends when only so much is left for the rest of the window. */
const fullRateFrom = 0.9
const fullRateTo = 0.5
/** While nothing may be spent, ksmd looks at the least number of pages this often. */
const pauseMillisecs = 1000

/** Guests that use so much of a core, while something waits for one so much of the time, are at work. */
const busyGuestRatio = 0.5
const busyPressureRatio = 0.3
/** Work comes in bits: guests that were at work are taken to be so for this long, or the rate would follow each pause. */
const staysBusySeconds = 15

export const initialBudget: KsmBudget = {
  atSeconds: undefined,
  countedAtSeconds: undefined,
  lookSeconds: 0,
  used: [],
  availableSeconds: 0,
  isAtFullRate: true,
  isBusy: false,
  busyUntilSeconds: undefined,
  secondsPerPage: assumedSecondsPerPage,
  isEstimated: false,
  cpuSeconds: undefined,
  pagesScanned: undefined,
}

/** The budget holds over each window from the first second on: what was used leaves it only when it is a window old. */
export function followBudget(policy: KsmPolicy, budget: KsmBudget, seen: KsmObservation): KsmBudget {
  const { ksmdCpuSeconds: cpuSeconds, pagesScanned } = seen.counters
  const isEstimated = cpuSeconds === undefined
  const busyUntilSeconds = areGuestsBusy(seen) ? seen.atSeconds + staysBusySeconds : budget.busyUntilSeconds
  const isBusy = busyUntilSeconds !== undefined && seen.atSeconds <= busyUntilSeconds
  const common = {
    atSeconds: seen.atSeconds,
    countedAtSeconds: seen.atSeconds,
    ...{ isEstimated, cpuSeconds, pagesScanned, isBusy, busyUntilSeconds },
  }
  if (budget.atSeconds === undefined) return { ...budget, ...common, availableSeconds: fullOf(policy) }
  const pages = riseOf(budget.pagesScanned, pagesScanned)
  const measured = riseOf(budget.cpuSeconds, cpuSeconds)
  const now = measured ?? (pages ?? pagesByRate(budget, seen, seen.atSeconds)) * budget.secondsPerPage
  return {
    ...common,
    lookSeconds: seen.atSeconds - budget.atSeconds,
    ...spend(policy, budget, { atSeconds: seen.atSeconds, cpuSeconds: now }),
    secondsPerPage: costOf(budget.secondsPerPage, measured, pages),
  }
}

function fullOf({ cpuRatio, cpuWindowSeconds }: KsmPolicy): number {
  return cpuRatio * cpuWindowSeconds
}

function spend(
  policy: KsmPolicy,
  budget: KsmBudget,
  now: UsedCpu,
): Pick<KsmBudget, 'used' | 'availableSeconds' | 'isAtFullRate'> {
  const since = now.atSeconds - policy.cpuWindowSeconds
  const used = [...budget.used, now].filter(
    ({ atSeconds, cpuSeconds }) => atSeconds > since && cpuSeconds > 0,
  )
  const availableSeconds = fullOf(policy) - used.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0)
  // Apart, so that the rate is not switched back and forth: each switch is a line in the audit.
  const aboveRatio = budget.isAtFullRate ? fullRateTo : fullRateFrom
  return { used, availableSeconds, isAtFullRate: availableSeconds > aboveRatio * fullOf(policy) }
}

function areGuestsBusy({ processor }: KsmObservation): boolean {
  if (processor === undefined) return false
  const { guestRatio, pressureRatio = 0 } = processor
  return guestRatio >= busyGuestRatio && pressureRatio >= busyPressureRatio
}

/** CPU time comes in ticks of 10 ms: short measurements would be noise. */
function costOf(before: number, used: number | undefined, pages: number | undefined): number {
  if (used === undefined || pages === undefined || pages < 1000 || used < 0.05) return before
  return before * 0.5 + (used / pages) * 0.5
}

/** What is seen of ksmd between two looks. */
export interface SeenBetween {
  readonly atSeconds: number
  /** undefined: /proc does not show it. */
  readonly ksmdCpuSeconds: number | undefined
}

/**
 * CPU seconds that are left some time after a look, below zero after an overdraft. `rate`: as ksmd was told to scan since;
 * what it may have used counts where its CPU is not shown. Pure.
 */
export function leftOfBudget(budget: KsmBudget, rate: ScanRate | undefined, seen: SeenBetween): number {
  return budget.availableSeconds - usedSince(budget, rate, seen)
}

/**
 * Between two looks: whether ksmd has used its budget up since the last one. A budget that was overdrawn then has slowed
 * it down already. Pure.
 */
export function isBudgetUsedUp(budget: KsmBudget, rate: ScanRate | undefined, seen: SeenBetween): boolean {
  return budget.availableSeconds > 0 && leftOfBudget(budget, rate, seen) <= 0
}

/**
 * Between two looks, before ksmd is told another rate: what it has used at `rate` leaves the window in its time, and is not
 * taken for what the next rate allows. Pure.
 */
export function noteUsed(
  policy: KsmPolicy,
  budget: KsmBudget,
  rate: ScanRate | undefined,
  seen: SeenBetween,
): KsmBudget {
  const { atSeconds, ksmdCpuSeconds: cpuSeconds } = seen
  const now = { atSeconds, cpuSeconds: usedSince(budget, rate, seen) }
  // Pages are counted from look to look only: those until now must not be counted again.
  const counted = { countedAtSeconds: atSeconds, cpuSeconds, pagesScanned: undefined }
  return { ...budget, ...counted, ...spend(policy, budget, now) }
}

function usedSince(
  budget: KsmBudget,
  rate: ScanRate | undefined,
  { atSeconds, ksmdCpuSeconds }: SeenBetween,
): number {
  const estimate = () =>
    rate === undefined ? 0 : pagesByRate(budget, { run: 1, rate }, atSeconds) * budget.secondsPerPage
  return riseOf(budget.cpuSeconds, ksmdCpuSeconds) ?? estimate()
}

/** Neither ksmd nor pages_scanned (Linux >= 6.6) can be seen: what the rate allows at most. */
function pagesByRate(
  { secondsPerPage, countedAtSeconds }: KsmBudget,
  { run, rate }: Pick<KsmObservation, 'run' | 'rate'>,
  atSeconds: number,
): number {
  if (run !== 1) return 0
  const elapsed = atSeconds - (countedAtSeconds ?? atSeconds)
  const roundSeconds = rate.sleepMillisecs / 1000 + rate.pagesToScan * secondsPerPage
  return roundSeconds <= 0 ? 0 : (elapsed / roundSeconds) * rate.pagesToScan
}

/**
 * pages_to_scan for a share of a core: in each round ksmd works `pages` x cost and then sleeps.
 * A share of 1 or more is bounded by the burst's rate only.
 */
export function pagesForRatio(policy: KsmPolicy, budget: KsmBudget, cpuRatio: number): number {
  const sleep = policy.sleepMillisecs / 1000
  const work = cpuRatio >= 1 ? Number.POSITIVE_INFINITY : (sleep * cpuRatio) / (1 - cpuRatio)
  const pages = Math.floor(work / budget.secondsPerPage)
  return Math.max(policy.minPagesToScan, Math.min(policy.burstPagesToScan, pages))
}

export interface ScanRate {
  readonly pagesToScan: number
  readonly sleepMillisecs: number
}

/** A rate that differs by less is left as it is: each change is a line in the audit. */
const sameRateRatio = 0.2

/** Whether `found` is close enough to `asked` to be left as it is. Pure. */
export function isSameRate(asked: ScanRate, found: ScanRate): boolean {
  return isSamePace(asked, found) && asked.sleepMillisecs === found.sleepMillisecs
}

/** The same, whatever the pause between two batches. Pure. */
export function isSamePace(
  asked: Pick<ScanRate, 'pagesToScan'>,
  found: Pick<ScanRate, 'pagesToScan'>,
): boolean {
  return Math.abs(asked.pagesToScan - found.pagesToScan) <= sameRateRatio * found.pagesToScan
}

/**
 * Full rate for the first half of the budget, then at a pace that spreads the rest over the window; a pause without any.
 * While guests are at work never more than `busyCpuRatio`, from the first second on. `isHasty`: their work is no reason to
 * go slowly, but a whole core until the look after the next one must be left, as looks may take longer and longer.
 */
export function burstRateFor(policy: KsmPolicy, budget: KsmBudget, isHasty = false): ScanRate {
  const { sleepMillisecs } = policy
  if (budget.isBusy && !isHasty)
    return paceFor(policy, budget, Math.min(policy.busyCpuRatio, shareLeft(policy, budget)))
  const lasts = !isHasty || budget.availableSeconds >= 2 * budget.lookSeconds
  if (budget.isAtFullRate && lasts) return { pagesToScan: pagesForRatio(policy, budget, 1), sleepMillisecs }
  return paceFor(policy, budget, shareLeft(policy, budget))
}

/**
 * Of a core, so that what is left of the budget lasts for the rest of the window, and until the next look where that comes
 * later: a pace that is right for seconds is kept for as long as the last look took.
 */
function shareLeft(
  { cpuWindowSeconds }: KsmPolicy,
  { used, atSeconds, lookSeconds, availableSeconds }: KsmBudget,
): number {
  const now = atSeconds ?? 0
  const oldest = used[0]?.atSeconds ?? now
  return availableSeconds / Math.max(1, lookSeconds, oldest + cpuWindowSeconds - now)
}

function paceFor(policy: KsmPolicy, budget: KsmBudget, share: number): ScanRate {
  const { sleepMillisecs } = policy
  const minSleepMillisecs = (policy.minPagesToScan * budget.secondsPerPage * 1000) / Math.max(0, share)
  // Even the fewest pages cost something: a longer sleep keeps to less, in doubles, so that it stays as it is.
  if (minSleepMillisecs > sleepMillisecs) {
    const slower = sleepMillisecs * 2 ** Math.ceil(Math.log2(minSleepMillisecs / sleepMillisecs))
    const longest = Math.max(pauseMillisecs, sleepMillisecs)
    return { pagesToScan: policy.minPagesToScan, sleepMillisecs: Math.min(longest, slower) }
  }
  return { pagesToScan: inSteps(policy, pagesForRatio(policy, budget, share)), sleepMillisecs }
}

/** Doubles of the least number of pages, rounded down: a pace that changes a little stays as it is. */
function inSteps({ minPagesToScan }: KsmPolicy, pages: number): number {
  return minPagesToScan * 2 ** Math.floor(Math.log2(pages / minPagesToScan))
}
