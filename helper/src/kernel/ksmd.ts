// The kernel thread ksmd: where it is, and the CPU time it has used.
import type { KernelRoot } from './kernel-root.ts'
import { listPids, readComm } from './pids.ts'
import { readProcessStat } from './process-stat.ts'

/** ksmd never restarts, so its pid is looked for once a process and root; null = not shown there. */
const knownPids = new Map<string, number | null>()

/** utime + stime of ksmd since boot. Absent: /proc does not show it (inside another PID namespace). */
export async function readKsmdCpuSeconds(root: KernelRoot): Promise<number | undefined> {
  let pid = knownPids.get(root.proc)
  if (pid === undefined) {
    pid = (await findKsmd(root)) ?? null
    knownPids.set(root.proc, pid)
  }
  if (pid === null) return undefined
  return (await readProcessStat(root, pid))?.cpuSeconds
}

async function findKsmd(root: KernelRoot): Promise<number | undefined> {
  // A kernel thread: started early, so among the lowest numbers.
  const pids = (await listPids(root)).sort((a, b) => a - b)
  for (const pid of pids) {
    if ((await readComm(root, pid)) !== 'ksmd') continue
    // Anybody may name a program so, and where /proc does not show ksmd it would pass for it.
    if ((await readProcessStat(root, pid))?.isKernelThread) return pid
  }
  return undefined
}
