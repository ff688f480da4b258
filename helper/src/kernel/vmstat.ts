// /proc/vmstat
import { join } from 'node:path'
import { withValue } from '../../../src/shared/with-value.ts'
import type { KernelRoot } from './kernel-root.ts'
import { readIfThere } from './read-if-there.ts'

/** Events since boot. Absent: this kernel does not count it. */
export interface VmEvents {
  /** Merged pages that were copied because somebody wrote to them (cow_ksm, from Linux 5.19 on). */
  readonly mergeBreaks?: number
  /** Huge pages split into small ones, whoever asked for it (thp_split_page). */
  readonly hugePageSplits?: number
}

/** No privilege needed. Empty where the kernel counts none of them. */
export async function readVmEvents(root: KernelRoot): Promise<VmEvents> {
  return parseVmEvents((await readIfThere(join(root.proc, 'vmstat'))) ?? '')
}

/** A line that is not there is absent. Pure. */
export function parseVmEvents(text: string): VmEvents {
  const countOf = (name: string) => {
    const digits = new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1]
    return digits === undefined ? undefined : Number(digits)
  }
  return withValue({ mergeBreaks: countOf('cow_ksm'), hugePageSplits: countOf('thp_split_page') })
}
