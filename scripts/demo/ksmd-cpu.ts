// CPU time of ksmd. Lab hosts have PID namespaces of their own and cannot see it; this machine can.
import { readdirSync, readFileSync } from 'node:fs'

/** The kernel's USER_HZ, 100 on every architecture that Linux still supports. */
const ticksPerSecond = 100

/** utime + stime of ksmd since boot; undefined where this process cannot see it either. */
export function readKsmdCpuSeconds(): number | undefined {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const stat = readStat(pid)
    if (!stat?.includes('(ksmd)')) continue
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
  }
  return undefined
}

function readStat(pid: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    // It ended meanwhile.
    if (code === 'ENOENT' || code === 'ESRCH') return undefined
    throw error
  }
}
