// The one reader of /proc/<pid>/stat for tests, beds and benchmarks.
import { readFileSync } from 'node:fs'

export interface ProcessStat {
  /** As ps prints it: R, S, T, Z, … */
  readonly state: string
  /** In clock ticks since boot. */
  readonly startTime: string
  /** Of the process and all its threads, user and kernel. */
  readonly cpuSeconds: number
}

const TICKS_PER_SECOND = 100

/** undefined: there is no such process. */
export function readProcessStat(pid: number): ProcessStat | undefined {
  let text: string
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ESRCH') return undefined
    throw error
  }
  // The command name may hold spaces and parentheses: fields count from its last parenthesis.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const [state = '', startTime = ''] = [fields[0], fields[19]]
  return { state, startTime, cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND }
}
