// What a burst sets beside its rate.
import type { KsmCounters, KsmSettings } from '../../../src/shared/contract/ksm.ts'

/**
 * Settings, as far as the kernel has them, by which each pass finds all that there is. smart_scan would leave out pages
 * that did not merge before. Without use_zero_pages a pass frees the zeros of one huge page that holds no other content
 * found twice: docs/ksm.md. Only where they are counted (Linux >= 6.6), else they could not be unmerged.
 */
export function thoroughSettings(
  found: KsmSettings,
  { ksmZeroPages }: Pick<KsmCounters, 'ksmZeroPages'>,
): Partial<KsmSettings> {
  return {
    ...(found.smartScan === undefined ? {} : { smartScan: 0 }),
    ...(found.useZeroPages === undefined || ksmZeroPages === undefined ? {} : { useZeroPages: 1 }),
  }
}
