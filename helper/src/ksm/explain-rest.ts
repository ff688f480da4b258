// Why a burst leaves something: what the kernel's counters tell of the rest.
import type { KsmCounters } from '../../../src/shared/contract/ksm.ts'
import { formatBytes } from '../../../src/shared/units.ts'
import type { KernelRoot } from '../kernel/kernel-root.ts'
import { pageSize } from '../kernel/page-size.ts'
import { readSharingCopies } from '../kernel/read-ksm.ts'

/** Sentences; none where no reason is known. Needs no privilege. Source: pages_volatile, stable_node_dups, max_page_sharing. */
export async function explainRest(
  root: KernelRoot,
  { pagesVolatile }: Pick<KsmCounters, 'pagesVolatile'>,
): Promise<string[]> {
  const reasons: string[] = []
  if (pagesVolatile > 0) {
    const size = formatBytes(pagesVolatile * pageSize)
    reasons.push(`${size} of guests' memory changed between two passes, so that ksmd did not compare them`)
  }
  const { copies = 0, maxPageSharing } = await readSharingCopies(root)
  if (copies > 0) {
    const limit = maxPageSharing ?? 'max_page_sharing'
    reasons.push(`contents found more than ${limit} times are kept in ${copies} copies`)
  }
  return reasons
}
