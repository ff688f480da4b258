// What a burst sets beside its rate.
import type { KsmCounters, KsmSettings } from '../../../src/shared/contract/ksm.ts'

/** The rate of a burst. Reasons and measurements: docs/ksm.md. */
export const burstRate = { pagesToScan: 5_000, sleepMillisecs: 10 } as const

/**
 * Settings by which each pass compares all pages, as far as this kernel has them. `smart_scan` would leave out pages
 * that did not merge before. `use_zero_pages` merges zeros without a look into the unstable tree, but only where the
 * kernel counts them (Linux >= 6.6): else they could not be unmerged. khugepaged would collapse ranges of which less
 * than half is merged, and unmerge them (max_ptes_shared of 256): it is told to leave them.
 */
export function burstSettings(
  found: KsmSettings,
  { ksmZeroPages }: Pick<KsmCounters, 'ksmZeroPages'>,
): Partial<KsmSettings> {
  return {
    ...(found.smartScan !== undefined && { smartScan: 0 }),
    ...(found.khugepagedMaxPtesShared !== undefined && { khugepagedMaxPtesShared: 0 }),
    ...(found.useZeroPages !== undefined && ksmZeroPages !== undefined && { useZeroPages: 1 }),
  }
}
