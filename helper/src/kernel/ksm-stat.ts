// /proc/<pid>/ksm_stat
import { withValue } from '../../../src/shared/with-value.ts'
import { type KernelRoot, processPath } from './kernel-root.ts'
import { readHead } from './read-head.ts'
import { errnoOf, systemProblem } from './system-error.ts'
import { watchedRead } from './watched-read.ts'

export interface KsmStat {
  /** Absent: the kernel does not name it. */
  readonly rmapItems?: number
  /** Absent before Linux 6.1. */
  readonly mergingPages?: number
  /** Pages that KSM replaced by the kernel's zero page. Absent before Linux 6.6. */
  readonly zeroPages?: number
  /** Bytes; may be negative. Absent before Linux 6.1. */
  readonly processProfitBytes?: number
  /** Some of its memory is offered to KSM. Absent on kernels that do not tell. */
  readonly mergeable?: boolean
}

const maxBytes = 4096

/** undefined: this kernel does not report it, or the process has ended. */
export async function readKsmStat(root: KernelRoot, pid: number): Promise<KsmStat | undefined> {
  const path = processPath(root, pid, 'ksm_stat')
  try {
    return parseKsmStat(watchedRead(pid, () => readHead(path, maxBytes)))
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ESRCH') return undefined
    throw systemProblem(error, `read ${path}`)
  }
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
  const offered = /^ksm_mergeable:? (yes|no)$/m.exec(text)?.[1]
  const mergeable = offered === undefined ? undefined : offered === 'yes'
  return {
    ...withValue({ rmapItems, mergingPages, zeroPages, processProfitBytes, mergeable }),
  }
}
