// /proc/<pid>/exe: the program that a process runs.
import { closeSync, fstatSync, openSync, readlinkSync, type Stats } from 'node:fs'
import { O_PATH } from './descriptors.ts'
import { readMountId } from './fdinfo.ts'
import { type KernelRoot, liveKernel, processPath } from './kernel-root.ts'
import { isServedByUser, type MountTable } from './mount-table.ts'
import { errnoOf, processProblem } from './system-error.ts'

/** The very program that runs, whatever lies at its path by now. */
export const ownProgram = processPath(liveKernel, 'self', 'exe')

/** Path of this process's program. */
export function readOwnExe(): string {
  return readlinkSync(ownProgram)
}

/** Path of the program; undefined for kernel threads, and where the process has ended or is not ours to look at. */
export function readExe(root: KernelRoot, pid: number): string | undefined {
  try {
    return readlinkSync(processPath(root, pid, 'exe'))
  } catch (error) {
    const errno = errnoOf(error)
    if (errno === 'ENOENT' || errno === 'ESRCH' || errno === 'EACCES' || errno === 'EPERM') return undefined
    throw processProblem(error, `read the program of process ${pid}`)
  }
}

/** A descriptor that names the program and opens nothing of it; the caller closes it. Throws errors of node:fs. */
export function pinProgram(root: KernelRoot, pid: number): number {
  return openSync(processPath(root, pid, 'exe'), O_PATH)
}

/**
 * Owner and mode of the program; undefined where a user serves its file system, which might never answer, or where it is
 * mounted nowhere here. Throws errors of node:fs.
 */
export function statProgram(root: KernelRoot, pid: number, mounts: MountTable): Stats | undefined {
  const fd = pinProgram(root, pid)
  try {
    const mount = mounts.mountOf(pid, { mountId: readMountId(fd) })
    return mount === undefined || isServedByUser(mount) ? undefined : fstatSync(fd)
  } finally {
    closeSync(fd)
  }
}
