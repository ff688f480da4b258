// /proc/<pid>/stat
import { readFileSync } from 'node:fs'
import {
  type ProcessStat,
  parseProcessStat,
  ticksPerSecond,
} from '../../../src/shared/parsing/process-stat.ts'
import { type KernelRoot, processPath } from './kernel-root.ts'
import { readIfThere } from './read-if-there.ts'
import { errnoOf } from './system-error.ts'

/** undefined: there is no such process. */
export async function readProcessStat(root: KernelRoot, pid: number): Promise<ProcessStat | undefined> {
  const text = await readIfThere(processPath(root, pid, 'stat'))
  return text === undefined ? undefined : parseProcessStat(text)
}

/**
 * Tells a process from another that gets its pid later: ticks since boot. undefined where there is no such process, or
 * only a zombie.
 */
export async function readStartTime(root: KernelRoot, pid: number): Promise<string | undefined> {
  const stat = await readProcessStat(root, pid)
  return stat === undefined || stat.state === 'Z' || stat.state === 'X' ? undefined : stat.startTime
}

/** State of a thread of this process, `R` where it runs or waits for a processor; undefined: there is none. */
export function readOwnThreadState(root: KernelRoot, threadId: number): string | undefined {
  try {
    const path = processPath(root, 'self', 'task', String(threadId), 'stat')
    return parseProcessStat(readFileSync(path, 'utf8'))?.state
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ESRCH') return undefined
    throw error
  }
}

/** Seconds since boot at which a process started. */
export function secondsOfStartTime(startTime: string): number {
  return Number(startTime) / ticksPerSecond
}
