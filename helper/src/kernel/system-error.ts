// A failed system call, and how it becomes the Problem that crosses processes.
import { constants } from 'node:os'
import { Problem, type ProblemCode } from '../../../src/shared/problem.ts'

const errnoNames = new Map(Object.entries(constants.errno).map(([name, value]) => [value, name]))

/** `code` is errno's name, as on the errors of node:fs. */
export class SystemError extends Error {
  override readonly name = 'SystemError'
  readonly code: string

  constructor(call: string, errno: number) {
    const code = errnoNames.get(errno) ?? `errno ${errno}`
    super(`${call}: ${code}`)
    this.code = code
  }
}

/** A mapping stayed though it was given back: where another one is made each time, memory runs out. */
export class MappingStays extends SystemError {
  constructor(errno: number) {
    super('munmap', errno)
    this.message = `cannot give back a mapping: ${this.message}`
  }
}

const problemCodesOfErrno: Readonly<Record<string, ProblemCode>> = {
  EPERM: 'not-permitted',
  EACCES: 'not-permitted',
  ESRCH: 'gone',
  ENOENT: 'not-found',
  ENOTDIR: 'not-found',
  ENOSYS: 'not-supported',
  ENOTTY: 'not-supported',
  EOPNOTSUPP: 'not-supported',
  EBUSY: 'busy',
  ENOMEM: 'out-of-memory',
  ENOSPC: 'out-of-space',
  EDQUOT: 'out-of-space',
}

/** errno's name of a failed system call of ours or of node:fs. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

/** `doing` completes "cannot …": "read the memory of guest 12". A Problem stays as it is. */
export function systemProblem(error: unknown, doing: string): Problem {
  if (error instanceof Problem) return error
  const errno = errnoOf(error)
  const code = errno === undefined ? 'internal' : (problemCodesOfErrno[errno] ?? 'system')
  const reason = error instanceof Error ? error.message : String(error)
  // Root that is refused is refused by something else: a file server, a security module, a container.
  const needsRoot = code === 'not-permitted' && process.geteuid?.() !== 0
  const remedy = needsRoot ? { remedy: 'Run the helper as root, for example with sudo.' } : {}
  return new Problem(code, `cannot ${doing}: ${reason}`, { cause: error, ...remedy })
}

/** As `systemProblem`, for files and calls on a process: no entry then means that the process has ended. */
export function processProblem(error: unknown, doing: string): Problem {
  const errno = errnoOf(error)
  if (errno !== 'ENOENT' && errno !== 'ESRCH') return systemProblem(error, doing)
  return new Problem('gone', `cannot ${doing}: it has ended`, { cause: error })
}
