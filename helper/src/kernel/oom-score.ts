// /proc/self/oom_score_adj: whom the kernel ends first when memory is short.
import { writeFileSync } from 'node:fs'
import { type KernelRoot, processPath } from './kernel-root.ts'
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
