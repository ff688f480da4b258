// /proc/<pid>/ksm_stat
import { withValue } from '../../../src/shared/with-value.ts'
import { type KernelRoot, processPath } from './kernel-root.ts'
import { readIfThere } from './read-if-there.ts'

export interface KsmStat {
  /** Absent: the kernel does not name it. */
  readonly rmapItems?: number
  /** Absent before Linux 6.1. */
  readonly mergingPages?: number
  /** Pages that KSM replaced by the kernel's zero page. Absent before Linux 6.6. */
  readonly zeroPages?: number
  /** Bytes; may be negative. Absent before Linux 6.1. */
  readonly processProfitBytes?: number
}

/** undefined: this kernel does not report it, or the process has ended. */
export async function readKsmStat(root: KernelRoot, pid: number): Promise<KsmStat | undefined> {
  const text = await readIfThere(processPath(root, pid, 'ksm_stat'))
  return text === undefined ? undefined : parseKsmStat(text)
}

/** /proc/<pid>/ksm_stat. What a kernel does not report is absent: it may be anything. */
export function parseKsmStat(text: string): KsmStat {
  const numberOf = (name: string) => {
    const match = new RegExp(`^${name}:?\\s+(-?\\d+)$`, 'm').exec(text)
    return match === null ? undefined : Number(match[1])
  }
  const rmapItems = numberOf('ksm_rmap_items')
  const mergingPages = numberOf('ksm_merging_pages')
  const zeroPages = numberOf('ksm_zero_pages')
  const processProfitBytes = numberOf('ksm_process_profit')
  return {
    ...withValue({ rmapItems, mergingPages, zeroPages, processProfitBytes }),
  }
}
