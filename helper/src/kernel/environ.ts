// /proc/<pid>/environ
import { type KernelRoot, processPath } from './kernel-root.ts'
import { readIfThere } from './read-if-there.ts'
import { errnoOf } from './system-error.ts'

/** `NAME=value` as the process was started with; empty where it has ended or belongs to another user. */
export async function readEnvironment(root: KernelRoot, pid: number): Promise<string[]> {
  try {
    return parseEnvironment((await readIfThere(processPath(root, pid, 'environ'))) ?? '')
  } catch (error) {
    if (errnoOf((error as Error).cause) === 'EACCES') return []
    throw error
  }
}

/** Lines `NAME=value` of /proc/<pid>/environ. */
export function parseEnvironment(text: string): string[] {
  return text.split('\0').filter((line) => line !== '')
}
