// Whether the demo kept its two promises, by the host's own counters. Pure.
import { mergedSince as mergedBetween } from '../../src/main/reports/merged-since.ts'
import { formatBytes, formatRatio } from '../../src/shared/units.ts'
import type { HostOutcome, Outcome } from './demo-stages.ts'

const minShrink = 10
const minMergedRatio = 0.8

export interface Totals {
  readonly guestResidentBytes: number
  readonly mergeableBytes: number
  /** Growth over all hosts of what their page tables show: merged frames and zero pages freed with them. */
  readonly mergedBytes: number
  /** Growth of the kernel's pages_sharing and ksm_zero_pages, with the zero pages freed, which these leave out. */
  readonly kernelMergedBytes: number
  readonly cacheBeforeBytes: number
  readonly cacheAfterBytes: number
  readonly doubleCachedBeforeBytes: number
  readonly doubleCachedAfterBytes: number
  readonly cpuSeconds: number
  readonly ksmdCpuSeconds: number | undefined
}

/** What KSM saves on a host now and did not before. */
export function mergedSince(host: HostOutcome): number {
  return mergedBetween(host.before.totals, host.after.totals)
}

/** Merging splits huge pages, and the kernel frees the zero pages of those without counting them: docs/ksm.md. */
function freedZeroSince({ before, after }: HostOutcome): number {
  return after.totals.freedZeroBytes - before.totals.freedZeroBytes
}

export function sumUp({ hosts, mergedBeforeBytes, ksmAfter, ksmdCpuSeconds }: Outcome): Totals {
  const sum = (figure: (host: HostOutcome) => number) =>
    hosts.reduce((total, host) => total + figure(host), 0)
  return {
    guestResidentBytes: sum(({ before }) => before.totals.guestResidentBytes),
    mergeableBytes: sum(({ before }) => before.totals.mergeableBytes),
    mergedBytes: sum(mergedSince),
    kernelMergedBytes: ksmAfter.mergedBytes - mergedBeforeBytes + sum(freedZeroSince),
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
  const { cacheBeforeBytes, cacheAfterBytes, mergeableBytes, ...totals } = sumUp(outcome)
  // Both must hold: the frames of each host's guests, and the kernel's own counters.
  const mergedBytes = Math.min(totals.mergedBytes, totals.kernelMergedBytes)
  const shortfalls: string[] = []
  if (cacheBeforeBytes === 0 || cacheBeforeBytes < minShrink * cacheAfterBytes) {
    shortfalls.push(
      `the image cache went from ${formatBytes(cacheBeforeBytes)} to ${formatBytes(cacheAfterBytes)}; at least ${minShrink}x was promised`,
    )
  }
  if (mergeableBytes === 0 || mergedBytes < minMergedRatio * mergeableBytes) {
    const share = mergeableBytes === 0 ? 'nothing was mergeable' : formatRatio(mergedBytes / mergeableBytes)
    shortfalls.push(
      `${formatBytes(mergedBytes)} of ${formatBytes(mergeableBytes)} mergeable were merged (${share}); at least ${formatRatio(minMergedRatio)} was promised`,
    )
  }
  return shortfalls
}
