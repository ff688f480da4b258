// /proc/<pid>/mem: the memory of a process as a file, which reading does not pin.
import { openSync } from 'node:fs'
import { type KernelRoot, processPath } from './kernel-root.ts'
import { processProblem } from './system-error.ts'

/**
 * For reading; the caller closes it. An offset is an address; where no page can be read, reading fails with EIO.
 * Needs the right to trace the process. Throws `gone`, `not-permitted`.
 */
export function openMemory(root: KernelRoot, pid: number): number {
  try {
    return openSync(processPath(root, pid, 'mem'), 'r')
  } catch (error) {
    throw processProblem(error, `open the memory of guest ${pid}`)
  }
}
