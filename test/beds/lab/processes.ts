// Processes as the lab records them: by pid and start time, so that a reused pid is never killed.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { readProcessStat } from '../process-stat.ts'

export interface ProcessId {
  readonly pid: number
  /** Field 22 of /proc/PID/stat, in clock ticks since boot. */
  readonly startTime: string
}

/** Start time of a process; undefined when there is none, or only a zombie. */
export function readStartTime(pid: number): string | undefined {
  const stat = readProcessStat(pid)
  return stat?.state === 'Z' ? undefined : stat?.startTime
}

export function identify(pid: number): ProcessId {
  const startTime = readStartTime(pid)
  if (startTime === undefined) throw new Error(`cannot identify process ${pid}: it is gone`)
  return { pid, startTime }
}

export function isAlive(process: ProcessId): boolean {
  return readStartTime(process.pid) === process.startTime
}

/** Kills processes and waits until all are gone; those already gone, or whose pid is another's now, are left. */
export async function killAll(processes: readonly ProcessId[], timeoutMs = 60_000): Promise<void> {
  for (const one of processes) if (isAlive(one)) process.kill(one.pid, 'SIGKILL')
  await waitUntil(
    () => !processes.some(isAlive),
    timeoutMs,
    () => {
      const left = processes.filter(isAlive).map((one) => one.pid)
      return `cannot end processes ${left.join(', ')}: still there after ${timeoutMs} ms`
    },
  )
}

export async function waitUntil(
  ready: () => boolean,
  timeoutMs: number,
  describe: () => string,
): Promise<void> {
  const deadline = performance.now() + timeoutMs
  while (!ready()) {
    if (performance.now() > deadline) throw new Error(describe())
    await sleep(20)
  }
}

/** Pid out here of every process in the PID namespace of initPid, by its pid in there. */
export function listNamespace(initPid: number): Map<number, number> {
  const found = new Map<number, number>()
  const namespace = readlinkSync(`/proc/${initPid}/ns/pid`)
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    try {
      if (readlinkSync(`/proc/${name}/ns/pid`) !== namespace) continue
      const inner = /^NSpid:.*\t(\d+)$/m.exec(readFileSync(`/proc/${name}/status`, 'utf8'))?.[1]
      if (inner) found.set(Number(inner), Number(name))
    } catch (error) {
      // Some processes are closed even to root; those cannot be ours.
      if (!isGone(error) && (error as NodeJS.ErrnoException).code !== 'EACCES') throw error
    }
  }
  return found
}

function isGone(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code
  return code === 'ENOENT' || code === 'ESRCH'
}
