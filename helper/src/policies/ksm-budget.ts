// ksmd's CPU budget: credit that grows with time and shrinks with what ksmd used, and the scan rate it allows.

import type { KsmPolicy } from '../../../src/shared/contract/policies.ts'
import type { KsmObservation } from './ksm-observation.ts'

export interface KsmBudget {
  readonly atSeconds: number | undefined
  /** CPU seconds that may be spent; at most one window's worth, below zero after an overdraft. */
  readonly creditSeconds: number
  /** Measured cost of scanning one page. */
  readonly secondsPerPage: number
  /** ksmd's share of a core since the last observation. Undefined: not reported. */
  readonly usedRatio: number | undefined
  readonly cpuSeconds: number | undefined
  readonly pagesScanned: number | undefined
}

/** Cost of a page until it is measured: scanning cold guest memory takes microseconds. */
const assumedSecondsPerPage = 3e-6

export const initialBudget: KsmBudget = {
  atSeconds: undefined,
  creditSeconds: 0,
  secondsPerPage: assumedSecondsPerPage,
  usedRatio: undefined,
  cpuSeconds: undefined,
  pagesScanned: undefined,
}

export function followBudget(policy: KsmPolicy, budget: KsmBudget, seen: KsmObservation): KsmBudget {
  const full = policy.cpuRatio * policy.cpuWindowSeconds
  const { ksmdCpuSeconds: cpuSeconds, pagesScanned } = seen.counters
  if (budget.atSeconds === undefined)
    return { ...budget, atSeconds: seen.atSeconds, creditSeconds: full, cpuSeconds, pagesScanned }
  const elapsed = seen.atSeconds - budget.atSeconds
  const used = difference(cpuSeconds, budget.cpuSeconds)
  const pages = difference(pagesScanned, budget.pagesScanned)
  const credit = budget.creditSeconds + policy.cpuRatio * elapsed - (used ?? 0)
  return {
    atSeconds: seen.atSeconds,
    creditSeconds: Math.min(full, credit),
    secondsPerPage: costOf(budget.secondsPerPage, used, pages),
    usedRatio: used === undefined || elapsed <= 0 ? undefined : used / elapsed,
    cpuSeconds,
    pagesScanned,
  }
}

/** CPU time comes in ticks of 10 ms: short measurements would be noise. */
function costOf(before: number, used: number | undefined, pages: number | undefined): number {
  if (used === undefined || pages === undefined || pages < 1000 || used < 0.05) return before
  return before * 0.5 + (used / pages) * 0.5
}

function difference(now: number | undefined, before: number | undefined): number | undefined {
  return now === undefined || before === undefined || now < before ? undefined : now - before
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

/** A burst runs at full rate while a second of credit is left, then at the pace at which credit grows. */
export function burstPages(policy: KsmPolicy, budget: KsmBudget): number {
  const share =
    budget.creditSeconds >= Math.min(1, policy.cpuRatio * policy.cpuWindowSeconds * 0.5) ? 1 : policy.cpuRatio
  return budget.creditSeconds <= -share ? policy.minPagesToScan : pagesForRatio(policy, budget, share)
}
