// /proc/<pid>/io
import { withValue } from '../../../src/shared/with-value.ts'
import { type KernelRoot, processPath } from './kernel-root.ts'
import { readIfThere } from './read-if-there.ts'

export interface ProcessIo {
  /** Bytes that its read calls returned, from the page cache or not. */
  readonly rcharBytes?: number
  /** Bytes that were read from storage for it. */
  readonly readBytes?: number
}

/**
 * Fields that the kernel does not report are absent, and all of them once the process has ended.
 * Needs the right to trace the process.
 */
export async function readProcessIo(root: KernelRoot, pid: number): Promise<ProcessIo> {
  return parseProcessIo((await readIfThere(processPath(root, pid, 'io'))) ?? '')
}

/** /proc/<pid>/io: bytes since the process began. A field that the kernel does not report is absent. */
export function parseProcessIo(text: string): ProcessIo {
  const field = (name: string) => {
    const value = new RegExp(`^${name}: (\\d+)$`, 'm').exec(text)?.[1]
    return value === undefined ? undefined : Number(value)
  }
  return withValue({ rcharBytes: field('rchar'), readBytes: field('read_bytes') })
}
