// /proc/<pid>/cmdline
import { type KernelRoot, processPath } from './kernel-root.ts'
import { readHeadBytes } from './read-head.ts'
import { errnoOf, systemProblem } from './system-error.ts'
import { watchedRead } from './watched-read.ts'

/** The kernel allows megabytes; command lines of guests with hundreds of disks have some ten thousand bytes. */
export const maxCmdlineBytes = 256 * 1024

export interface Cmdline {
  readonly args: readonly string[]
  /** It is longer than is read. */
  readonly isCut: boolean
}

/** No arguments for kernel threads and zombies; undefined when there is no such process. */
export function readCmdline(root: KernelRoot, pid: number): Cmdline | undefined {
  const path = processPath(root, pid, 'cmdline')
  try {
    return parseCmdline(watchedRead(pid, () => readHeadBytes(path, maxCmdlineBytes + 1)))
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ESRCH') return undefined
    throw systemProblem(error, `read ${path}`)
  }
}

/** Arguments of /proc/<pid>/cmdline. None for kernel threads and for processes that have ended. */
export function parseCmdline(bytes: Buffer): Cmdline {
  if (bytes.length === 0) return { args: [], isCut: false }
  const isCut = bytes.length > maxCmdlineBytes
  const args = bytes.toString('utf8').replace(/\0$/, '').split('\0')
  // An argument that is cut off may say something else.
  return { args: isCut ? args.slice(0, -1) : args, isCut }
}
