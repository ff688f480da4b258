// What KSM saves on a host more than it did at an earlier assessment; the demo's table and the reports agree on it.
import type { Assessment } from '../../shared/contract/index.ts'

type MergeTotals = Pick<Assessment['totals'], 'mergedBytes' | 'freedZeroBytes'>

/**
 * Pure; negative where pages were unmerged since. Merging splits huge pages, and the kernel frees the zero pages
 * of those without counting them: docs/ksm.md.
 */
export function mergedSince(before: MergeTotals, after: MergeTotals): number {
  return after.mergedBytes - before.mergedBytes + after.freedZeroBytes - before.freedZeroBytes
}
