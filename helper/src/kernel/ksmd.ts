// The kernel thread ksmd: where it is, and the CPU time it has used.
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { KernelRoot } from './kernel-root.ts'
import { parseProcessStat } from './process-stat.ts'
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
  const text = await readIfThere(join(root.proc, String(pid), 'stat'))
  return text === undefined ? undefined : parseProcessStat(text)?.cpuSeconds
}

async function findKsmd(root: KernelRoot): Promise<number | undefined> {
  const names = await readdir(root.proc)
  // A kernel thread: started early, so among the lowest numbers.
  const pids = names
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((a, b) => a - b)
  for (const pid of pids) {
    const comm = await readIfThere(join(root.proc, String(pid), 'comm'))
    if (comm?.trim() === 'ksmd') return pid
  }
  return undefined
}
