// What a burst needs beside the counters of KSM. Only the compiled helper has it: it reads and maps memory.
import type { Progress } from '../../../src/shared/contract/quantity.ts'
import type { GivenBack } from './huge-page-budget.ts'
import type { MeasuredPotential } from './potential.ts'
import type { TreeAnchor } from './tree-anchor.ts'

export interface BurstTools {
  /** Reads guests' memory. Throws `cancelled`, `not-permitted`. */
  measure(signal: AbortSignal, reportProgress?: (progress: Progress) => void): Promise<MeasuredPotential>
  readonly anchor: TreeAnchor
  /** Collapses huge pages that were split in vain, within its budget. Needs the lock of the host. */
  giveBack(signal: AbortSignal): Promise<GivenBack>
}
