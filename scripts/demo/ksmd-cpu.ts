// CPU time of ksmd. Lab hosts have PID namespaces of their own and cannot see it; this machine can.
import { listPids, readProcFile } from './proc-files.ts'

/** The kernel's USER_HZ, 100 on every architecture that Linux still supports. */
const ticksPerSecond = 100

/** utime + stime of ksmd since boot; undefined where this process cannot see it either. */
export function readKsmdCpuSeconds(): number | undefined {
  for (const pid of listPids()) {
    const stat = readProcFile(pid, 'stat')
    if (!stat?.includes('(ksmd)')) continue
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
  }
  return undefined
}
