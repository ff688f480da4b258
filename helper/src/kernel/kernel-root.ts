// Where the kernel's file systems are mounted: injected, so that readers can be tested on captured trees.
import { join } from 'node:path'

export interface KernelRoot {
  readonly proc: string
  readonly sys: string
}

export const liveKernel: KernelRoot = { proc: '/proc', sys: '/sys' }

/** A file of /proc/<pid>. Outside this folder it names the file in messages only: readers are here. */
export function processPath(root: KernelRoot, pid: number | 'self', ...names: readonly string[]): string {
  return join(root.proc, String(pid), ...names)
}
