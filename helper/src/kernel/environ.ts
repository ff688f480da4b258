// /proc/<pid>/environ
import { type KernelRoot, processPath } from './kernel-root.ts'
import { readHead } from './read-head.ts'
import { errnoOf, systemProblem } from './system-error.ts'
import { watchedRead } from './watched-read.ts'

/** The kernel lets a process have megabytes. */
const maxBytes = 2 ** 20

/** `NAME=value` as the process was started with; empty where it has ended or belongs to another user. */
export function readEnvironment(root: KernelRoot, pid: number): string[] {
  const path = processPath(root, pid, 'environ')
  try {
    return parseEnvironment(watchedRead(pid, () => readHead(path, maxBytes)))
  } catch (error) {
    const errno = errnoOf(error)
    if (errno === 'ENOENT' || errno === 'ESRCH' || errno === 'EACCES') return []
    throw systemProblem(error, `read ${path}`)
  }
}

/** Lines `NAME=value` of /proc/<pid>/environ. */
export function parseEnvironment(text: string): string[] {
  return text.split('\0').filter((line) => line !== '')
}
