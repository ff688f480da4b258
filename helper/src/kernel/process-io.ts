// /proc/<pid>/io
import { withValue } from '../../../src/shared/with-value.ts'
import { type KernelRoot, processPath } from './kernel-root.ts'
import { readHead } from './read-head.ts'
import { errnoOf, systemProblem } from './system-error.ts'
import { watchedRead } from './watched-read.ts'

export interface ProcessIo {
  /** Bytes that its read calls returned, from the page cache or not. */
  readonly rcharBytes?: number
  /** Bytes that were read from storage for it. */
  readonly readBytes?: number
}

const maxBytes = 4096

/**
 * Fields that the kernel does not report are absent, and all of them once the process has ended.
 * Needs the right to trace the process. The kernel waits for one that is about to run another program (exec_update_lock).
 */
export async function readProcessIo(root: KernelRoot, pid: number): Promise<ProcessIo> {
  const path = processPath(root, pid, 'io')
  try {
    return parseProcessIo(watchedRead(pid, () => readHead(path, maxBytes)))
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ESRCH') return {}
    throw systemProblem(error, `read ${path}`)
  }
}

/** /proc/<pid>/io: bytes since the process began. A field that the kernel does not report is absent. */
export function parseProcessIo(text: string): ProcessIo {
  const field = (name: string) => {
    const value = new RegExp(`^${name}: (\\d+)$`, 'm').exec(text)?.[1]
    return value === undefined ? undefined : Number(value)
  }
  return withValue({ rcharBytes: field('rchar'), readBytes: field('read_bytes') })
}
