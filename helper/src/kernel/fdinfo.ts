// /proc/<pid>/fdinfo/<fd>
import { constants } from 'node:fs'
import { Problem } from '../../../src/shared/problem.ts'
import { O_PATH } from './descriptors.ts'
import { type KernelRoot, liveKernel, processPath } from './kernel-root.ts'
import { readHead } from './read-head.ts'
import { errnoOf, systemProblem } from './system-error.ts'

export interface OpenFlags {
  readonly readable: boolean
  readonly writable: boolean
  /** O_DIRECT: past the page cache. */
  readonly direct: boolean
  readonly append: boolean
  /** O_PATH: it only names a file, and says nothing of the right to read it. */
  readonly pathOnly: boolean
}

/** What is read comes first; behind it is a line for each lock that a process has taken, as many as it likes. */
const maxBytes = 512

/** undefined: the descriptor was closed or its process ended. */
export function readOpenFlags(root: KernelRoot, pid: number, fd: string): OpenFlags | undefined {
  const path = processPath(root, pid, 'fdinfo', fd)
  try {
    return parseOpenFlags(readHead(path, maxBytes))
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ESRCH') return undefined
    throw systemProblem(error, `read ${path}`)
  }
}

/** The mount that the file of a descriptor of this process lies on. undefined before Linux 3.15. */
export function readMountId(fd: number): number | undefined {
  const path = processPath(liveKernel, 'self', 'fdinfo', String(fd))
  const id = /^mnt_id:\s*(\d+)$/m.exec(readHead(path, maxBytes))?.[1]
  return id === undefined ? undefined : Number(id)
}

/** Flags of open(2) from /proc/<pid>/fdinfo/<fd>. Throws `not-supported` where it has none. */
export function parseOpenFlags(text: string): OpenFlags {
  const octal = /^flags:\s*([0-7]+)$/m.exec(text)?.[1]
  if (octal === undefined) throw new Problem('not-supported', 'cannot read fdinfo: it has no flags')
  const flags = Number.parseInt(octal, 8)
  const access = flags & (constants.O_RDONLY | constants.O_WRONLY | constants.O_RDWR)
  return {
    readable: access !== constants.O_WRONLY,
    writable: access !== constants.O_RDONLY,
    direct: (flags & constants.O_DIRECT) !== 0,
    append: (flags & constants.O_APPEND) !== 0,
    pathOnly: (flags & O_PATH) !== 0,
  }
}
