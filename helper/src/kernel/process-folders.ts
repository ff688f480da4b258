// /proc/<pid>/root and /proc/<pid>/cwd: folders as a process sees them.
import { closeSync, openSync } from 'node:fs'
import { O_PATH } from './descriptors.ts'
import { type KernelRoot, processPath } from './kernel-root.ts'
import { type FileStatus, readFileStatus } from './statx.ts'

/** The folder that a path of the process counts from: its root, or the folder that it works in. */
export function folderOfPath(root: KernelRoot, pid: number, path: string): string {
  return processPath(root, pid, path.startsWith('/') ? 'root' : 'cwd')
}

/**
 * What a process's root folder is, without asking its file system, which a user may serve. Needs the right to trace the
 * process. Throws errors of node:fs.
 */
export function readRootFolder(root: KernelRoot, pid: number | 'self'): FileStatus {
  const fd = openSync(processPath(root, pid, 'root'), O_PATH)
  try {
    return readFileStatus(fd)
  } finally {
    closeSync(fd)
  }
}
