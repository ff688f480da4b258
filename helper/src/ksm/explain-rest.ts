// Why a burst leaves something: what the kernel's counters tell of the rest.
import { join } from 'node:path'
import type { KsmCounters } from '../../../src/shared/contract/ksm.ts'
import { formatBytes } from '../../../src/shared/units.ts'
import type { KernelRoot } from '../kernel/kernel-root.ts'
import { readIfThere } from '../kernel/read-if-there.ts'
import { ksmFolder } from '../kernel/read-ksm.ts'

/** Sentences; none where no reason is known. Source: pages_volatile, stable_node_dups, max_page_sharing. */
export async function explainRest(
  root: KernelRoot,
  pageSize: number,
  { pagesVolatile }: Pick<KsmCounters, 'pagesVolatile'>,
): Promise<string[]> {
  const reasons: string[] = []
  if (pagesVolatile > 0) {
    const size = formatBytes(pagesVolatile * pageSize)
    reasons.push(`${size} of guests' memory changed between two passes, so that ksmd did not compare them`)
  }
  const copies = Number(await readIfThere(join(ksmFolder(root), 'stable_node_dups')))
  if (copies > 0) {
    const limit = (await readIfThere(join(ksmFolder(root), 'max_page_sharing')))?.trim()
    reasons.push(`contents found more than ${limit ?? 'max_page_sharing'} times are kept in ${copies} copies`)
  }
  return reasons
}
