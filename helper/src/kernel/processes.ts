// Processes told apart by pid and start time, so that a reused pid is never taken for another.
import { join } from 'node:path'
import type { KernelRoot } from './kernel-root.ts'
import { parseProcessStat } from './process-stat.ts'
import { readIfThere } from './read-if-there.ts'

/** Field 22 of /proc/<pid>/stat, in ticks since boot; undefined when there is no such process, or only a zombie. */
export async function readStartTime(root: KernelRoot, pid: number): Promise<string | undefined> {
  const text = await readIfThere(join(root.proc, String(pid), 'stat'))
  const stat = text === undefined ? undefined : parseProcessStat(text)
  return stat === undefined || stat.state === 'Z' || stat.state === 'X' ? undefined : stat.startTime
}
