// Processes told apart by pid and start time, so that a reused pid is never taken for another.
import { join } from 'node:path'
import type { KernelRoot } from './kernel-root.ts'
import { readIfThere } from './read-if-there.ts'

/** Field 22 of /proc/<pid>/stat, in ticks since boot; undefined when there is no such process, or only a zombie. */
export async function readStartTime(root: KernelRoot, pid: number): Promise<string | undefined> {
  const text = await readIfThere(join(root.proc, String(pid), 'stat'))
  if (text === undefined) return undefined
  // The command name may hold spaces and parentheses: fields count from its last parenthesis.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19]
}
