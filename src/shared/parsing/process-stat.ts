// A line of /proc/<pid>/stat, which helper and workbench read.

/** USER_HZ is 100 on every architecture that Linux still supports. */
export const ticksPerSecond = 100

export interface ProcessStat {
  readonly state: string
  /** utime + stime: user and system time of all its threads. */
  readonly cpuSeconds: number
  /** In ticks since boot; with the pid it names a process for good. */
  readonly startTime: string
  /** Not a program that somebody started, whatever its name says. */
  readonly isKernelThread: boolean
}

// Source: include/linux/sched.h.
const PF_KTHREAD = 0x20_0000

/** undefined for a line that is cut off or malformed. Pure. */
export function parseProcessStat(text: string): ProcessStat | undefined {
  // The command name may hold spaces and parentheses: fields count from its last parenthesis.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const [state, startTime] = [fields[0], fields[19]]
  const cpuSeconds = (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
  if (!state || startTime === undefined || !Number.isFinite(cpuSeconds)) return undefined
  return { state, cpuSeconds, startTime, isKernelThread: (Number(fields[6]) & PF_KTHREAD) !== 0 }
}
