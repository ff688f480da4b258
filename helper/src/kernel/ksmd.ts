// The kernel thread ksmd: where it is, the CPU time it has used, whether it scans, and its pass.
import { join } from 'node:path'
import type { KernelRoot } from './kernel-root.ts'
import { listPids, readComm } from './pids.ts'
import { readProcessStat } from './process-stat.ts'
import { readIfThere } from './read-if-there.ts'

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

/**
 * Names ksmd's pass: differs once ksmd has finished another one. Absent: this kernel has no KSM.
 * Source: /sys/kernel/mm/ksm/full_scans.
 */
export async function readKsmdPass(root: KernelRoot): Promise<string | undefined> {
  return (await readIfThere(join(root.sys, 'kernel/mm/ksm/full_scans')))?.trim()
}

/** Whether ksmd merges pages now. False also where this kernel has no KSM. Source: /sys/kernel/mm/ksm/run. */
export async function isKsmdScanning(root: KernelRoot): Promise<boolean> {
  return (await readIfThere(join(root.sys, 'kernel/mm/ksm/run')))?.trim() === '1'
}

async function findKsmd(root: KernelRoot): Promise<number | undefined> {
  // A kernel thread: started early, so among the lowest numbers.
  const pids = (await listPids(root)).sort((a, b) => a - b)
  for (const pid of pids) if ((await readComm(root, pid)) === 'ksmd') return pid
  return undefined
}
