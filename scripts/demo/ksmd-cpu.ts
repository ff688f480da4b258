// CPU time of ksmd. Lab hosts have PID namespaces of their own and cannot see it; this machine can.
import { parseProcessStat } from '../../src/shared/parsing/process-stat.ts'
import { listPids, readProcFile } from './proc-files.ts'

/** utime + stime of ksmd since boot; undefined where this process cannot see it either. */
export function readKsmdCpuSeconds(): number | undefined {
  for (const pid of listPids()) {
    const stat = readProcFile(pid, 'stat')
    if (!stat?.includes('(ksmd)')) continue
    return parseProcessStat(stat)?.cpuSeconds
  }
  return undefined
}
