// The one reader of /proc/<pid>/stat for tests, beds and benchmarks.
import { readFileSync } from 'node:fs'
import { type ProcessStat, parseProcessStat } from '../../src/shared/parsing/process-stat.ts'

/** undefined: there is no such process. */
export function readProcessStat(pid: number): ProcessStat | undefined {
  try {
    return parseProcessStat(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ESRCH') return undefined
    throw error
  }
}
