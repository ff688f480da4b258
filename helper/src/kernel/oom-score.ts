// /proc/<pid>/oom_score and oom_score_adj: whom the kernel ends first when memory is short.
import { writeFileSync } from 'node:fs'
import { type KernelRoot, processPath } from './kernel-root.ts'
import { readIfThere } from './read-if-there.ts'
import { errnoOf } from './system-error.ts'

/** Above all guests (0 by default, and never above 1000), below what is marked to go first. */
const helperScore = 900

/**
 * Offers this process to the OOM killer before any guest: a helper that ends loses nothing, since what it changed is
 * journaled. Children inherit it. Anybody may raise their own score. Source: proc_pid_oom_score_adj(5).
 */
export function goBeforeGuests(root: KernelRoot): void {
  try {
    writeFileSync(processPath(root, 'self', 'oom_score_adj'), `${helperScore}`)
  } catch (error) {
    // Where /proc is read-only the helper works as well.
    if (errnoOf(error) === undefined) throw error
  }
}

/** Of two processes the kernel ends the one with more. undefined: the process has ended, or no number is told. */
export async function readOomScore(root: KernelRoot, pid: number): Promise<number | undefined> {
  const score = Number((await readIfThere(processPath(root, pid, 'oom_score')))?.trim() || Number.NaN)
  return Number.isInteger(score) && score >= 0 ? score : undefined
}
