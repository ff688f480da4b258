// /proc/<pid>/fdinfo/<fd>
import { constants } from 'node:fs'
import { join } from 'node:path'
import { Problem } from '../../../src/shared/problem.ts'
import type { KernelRoot } from './kernel-root.ts'
import { readIfThere } from './read-if-there.ts'

export interface OpenFlags {
  readonly readable: boolean
  readonly writable: boolean
  /** O_DIRECT: past the page cache. */
  readonly direct: boolean
  readonly append: boolean
}

/** undefined: the descriptor was closed or its process ended. */
export async function readOpenFlags(
  root: KernelRoot,
  pid: number,
  fd: string,
): Promise<OpenFlags | undefined> {
  const text = await readIfThere(join(root.proc, String(pid), 'fdinfo', fd))
  return text === undefined ? undefined : parseOpenFlags(text)
}

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
  }
}
