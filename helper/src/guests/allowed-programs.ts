// Programs and users whose processes the admin lets count as guests, though root does not own the program.
import { closeSync, fstatSync, openSync } from 'node:fs'
import { readHead } from '../kernel/read-head.ts'
import { errnoOf, systemProblem } from '../kernel/system-error.ts'

export interface AllowedPrograms {
  readonly paths: readonly string[]
  readonly uids: ReadonlySet<number>
}

/**
 * A line for each: the absolute path of a program, as this host sees it, or `user UID` for all programs of a user, such
 * as the root of a container with a user namespace. `#` begins a comment.
 */
export const allowedProgramsPath =
  process.env.SINGLETON_GUEST_PROGRAMS || '/etc/singleton-helper/guest-programs'

const maxBytes = 64 * 1024
const nobody: AllowedPrograms = { paths: [], uids: new Set() }

/** Throws `not-permitted` where somebody other than root could have written the file. */
export function readAllowedPrograms(path = allowedProgramsPath): AllowedPrograms {
  try {
    requireOwnedByRoot(path)
    return parseAllowedPrograms(readHead(path, maxBytes))
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return nobody
    throw systemProblem(error, `use ${path}`)
  }
}

function requireOwnedByRoot(path: string): void {
  const fd = openSync(path, 'r')
  try {
    const { uid, mode } = fstatSync(fd)
    if (uid !== 0 || (mode & 0o022) !== 0)
      throw Object.assign(new Error('users other than root may write to it'), { code: 'EPERM' })
  } finally {
    closeSync(fd)
  }
}

/** Lines that are neither an absolute path nor `user UID` are passed over. */
export function parseAllowedPrograms(text: string): AllowedPrograms {
  const lines = text.split('\n').map((line) => line.replace(/#.*/, '').trim())
  const uids = lines.flatMap((line) => /^user\s+(\d+)$/.exec(line)?.[1] ?? []).map(Number)
  return { paths: lines.filter((line) => line.startsWith('/')), uids: new Set(uids) }
}
