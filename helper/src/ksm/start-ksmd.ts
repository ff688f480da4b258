// Writes settings that may let ksmd scan, and places the anchor where it then begins a pass.
import type { KsmCounters, KsmSettings } from '../../../src/shared/contract/ksm.ts'
import type { Problem } from '../../../src/shared/problem.ts'
import type { KernelRoot } from '../kernel/kernel-root.ts'
import type { TreeAnchor } from './tree-anchor.ts'
import { writeKsmSettings } from './write-ksm.ts'

/** Where ksmd knows no page, it stands at the beginning of a pass. */
function standsAtStart({ pagesShared, pagesSharing, pagesUnshared, pagesVolatile }: KsmCounters): boolean {
  return pagesShared + pagesSharing + pagesUnshared + pagesVolatile === 0
}

/**
 * Writes the settings that let ksmd scan; those that stay busy are returned, not thrown. `counters`: as they were just
 * before. Without an `anchor` the list of ksmd is left as it is. Needs root and the lock of the host.
 */
export async function startKsmd(
  root: KernelRoot,
  found: KsmSettings,
  wanted: KsmSettings,
  counters: KsmCounters,
  anchor: TreeAnchor | undefined,
): Promise<Problem[]> {
  const begins = wanted.run === 1 && found.run !== 1 && standsAtStart(counters)
  if (anchor === undefined || anchor.isPlaced || !begins) return writeKsmSettings(root, found, wanted)
  const refused = await writeKsmSettings(root, found, { ...wanted, pagesToScan: 1 })
  await anchor.place(root, wanted.pagesToScan)
  return refused
}
