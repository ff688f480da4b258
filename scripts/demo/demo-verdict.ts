// Whether the demo kept its two promises, by the host's own counters. Pure.
import { formatBytes, formatRatio } from '../../src/shared/units.ts'
import type { Outcome } from './demo-stages.ts'

const leastShrink = 10
const leastMergedRatio = 0.8

export interface Totals {
  readonly guestResidentBytes: number
  readonly mergeableBytes: number
  /** Growth of pages_sharing while KSM ran, in bytes. */
  readonly mergedBytes: number
  readonly cacheBeforeBytes: number
  readonly cacheAfterBytes: number
  readonly doubleCachedBeforeBytes: number
  readonly doubleCachedAfterBytes: number
  readonly cpuSeconds: number
  readonly ksmdCpuSeconds: number | undefined
}

export function sumUp({ hosts, ksmBefore, ksmAfter, pageSize, ksmdCpuSeconds }: Outcome): Totals {
  const sum = (figure: (host: Outcome['hosts'][number]) => number) =>
    hosts.reduce((total, host) => total + figure(host), 0)
  return {
    guestResidentBytes: sum(({ before }) => before.totals.guestResidentBytes),
    mergeableBytes: sum(({ before }) => before.totals.mergeableBytes),
    mergedBytes: (ksmAfter.counters.pagesSharing - ksmBefore.counters.pagesSharing) * pageSize,
    cacheBeforeBytes: sum(({ before }) => before.totals.imageCacheBytes),
    cacheAfterBytes: sum(({ after }) => after.totals.imageCacheBytes),
    doubleCachedBeforeBytes: sum(({ before }) => before.totals.doubleCachedBytes),
    doubleCachedAfterBytes: sum(({ after }) => after.totals.doubleCachedBytes),
    cpuSeconds: sum(({ helperCpuSeconds }) => helperCpuSeconds) + (ksmdCpuSeconds ?? 0),
    ksmdCpuSeconds,
  }
}

/** What was promised and not reached, a sentence each. */
export function findShortfalls(outcome: Outcome): string[] {
  const { cacheBeforeBytes, cacheAfterBytes, mergeableBytes, mergedBytes } = sumUp(outcome)
  const shortfalls: string[] = []
  if (cacheBeforeBytes === 0 || cacheBeforeBytes < leastShrink * cacheAfterBytes) {
    shortfalls.push(
      `the image cache went from ${formatBytes(cacheBeforeBytes)} to ${formatBytes(cacheAfterBytes)}; at least ${leastShrink}x was promised`,
    )
  }
  if (mergeableBytes === 0 || mergedBytes < leastMergedRatio * mergeableBytes) {
    const share = mergeableBytes === 0 ? 'nothing was mergeable' : formatRatio(mergedBytes / mergeableBytes)
    shortfalls.push(
      `${formatBytes(mergedBytes)} of ${formatBytes(mergeableBytes)} mergeable were merged (${share}); at least ${formatRatio(leastMergedRatio)} was promised`,
    )
  }
  return shortfalls
}
