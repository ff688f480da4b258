// /proc/<pid>/ns: the namespaces that a process lives in.
import { readlinkSync } from 'node:fs'
import { type KernelRoot, processPath } from './kernel-root.ts'

/**
 * `pid:[4026531836]`: equal for processes in one namespace. Throws errors of node:fs: ENOENT where the process has
 * ended, EACCES without the right to trace it.
 */
export function readNamespace(root: KernelRoot, pid: number | 'self', kind: 'mnt' | 'pid' | 'user'): string {
  return readlinkSync(processPath(root, pid, 'ns', kind))
}
