// The one table that the demo prints. Pure.

import { tableLines } from '../../src/shared/text/table.ts'
import { formatBytes, formatRatio, formatSeconds } from '../../src/shared/units.ts'
import type { HostOutcome, Outcome } from './demo-stages.ts'
import { mergedSince, sumUp, type Totals } from './demo-verdict.ts'

const headings = [
  'host',
  'guest RAM',
  'mergeable → merged',
  'image cache before → after',
  'double cached',
  'hit ratio',
  'CPU spent',
]

export function renderDemoTable(outcome: Outcome): string {
  const totals = sumUp(outcome)
  const total = [
    'total',
    formatBytes(totals.guestResidentBytes),
    arrow(totals.mergeableBytes, totals.mergedBytes),
    `${arrow(totals.cacheBeforeBytes, totals.cacheAfterBytes)}${shrink(totals.cacheBeforeBytes, totals.cacheAfterBytes)}`,
    arrow(totals.doubleCachedBeforeBytes, totals.doubleCachedAfterBytes),
    '',
    formatSeconds(totals.cpuSeconds),
  ]
  const notes = [
    'merged: by page frames (each of k sites of a frame in a host’s guests saves (k−1)/k of a page), with the zero pages',
    `        freed as huge pages were split; by the kernel’s counters ${formatBytes(totals.kernelMergedBytes)}, merges across hosts included.`,
    `CPU of the total: ${describeCpu(totals)}.`,
    'hit ratio: 1 − read from storage / asked of the host, last minute; “no reads” where guests needed nothing of the host.',
  ]
  return [...tableLines(headings, [...outcome.hosts.map(hostRow), total]), '', ...notes].join('\n')
}

function describeCpu({ cpuSeconds, ksmdCpuSeconds }: Totals): string {
  if (ksmdCpuSeconds === undefined) return 'helpers only, ksmd could not be measured'
  return `ksmd ${formatSeconds(ksmdCpuSeconds)}, helpers ${formatSeconds(cpuSeconds - ksmdCpuSeconds)}`
}

function hostRow(host: HostOutcome): string[] {
  const { name, before, after, hitRatioBefore, hitRatioAfter, helperCpuSeconds } = host
  return [
    name,
    formatBytes(before.totals.guestResidentBytes),
    arrow(before.totals.mergeableBytes, mergedSince(host)),
    `${arrow(before.totals.imageCacheBytes, after.totals.imageCacheBytes)}${shrink(before.totals.imageCacheBytes, after.totals.imageCacheBytes)}`,
    arrow(before.totals.doubleCachedBytes, after.totals.doubleCachedBytes),
    `${formatHits(hitRatioBefore)} → ${formatHits(hitRatioAfter)}`,
    formatSeconds(helperCpuSeconds),
  ]
}

function arrow(before: number, after: number): string {
  return `${formatBytes(before)} → ${formatBytes(after)}`
}

function shrink(before: number, after: number): string {
  return after === 0 ? '' : ` (${(before / after).toFixed(1)}x)`
}

function formatHits(ratio: number | undefined): string {
  return ratio === undefined ? 'no reads' : formatRatio(ratio)
}
