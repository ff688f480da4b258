// /proc/<pid>/root and /proc/<pid>/cwd: folders as a process sees them.
import type { Stats } from 'node:fs'
import { stat } from 'node:fs/promises'
import { type KernelRoot, processPath } from './kernel-root.ts'

/** The folder that a path of the process counts from: its root, or the folder that it works in. */
export function folderOfPath(root: KernelRoot, pid: number, path: string): string {
  return processPath(root, pid, path.startsWith('/') ? 'root' : 'cwd')
}

/** Device and inode of a process's root folder. Needs the right to trace it. Throws errors of node:fs. */
export function statRootFolder(root: KernelRoot, pid: number | 'self'): Promise<Stats> {
  return stat(processPath(root, pid, 'root'))
}
