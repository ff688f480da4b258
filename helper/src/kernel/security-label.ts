// /proc/<pid>/attr/current: the label that a security module gave a process.
import { oneLine } from '../../../src/shared/text/printable.ts'
import { type KernelRoot, processPath } from './kernel-root.ts'
import { readIfThere } from './read-if-there.ts'
import { errnoOf } from './system-error.ts'

/** The label of SELinux or AppArmor; undefined where no module gives one. */
export async function readSecurityLabel(root: KernelRoot, pid: number | 'self'): Promise<string | undefined> {
  try {
    return parseSecurityLabel((await readIfThere(processPath(root, pid, 'attr/current'))) ?? '')
  } catch (error) {
    // Without a security module the file is there but cannot be read.
    if (errnoOf((error as Error).cause) === 'EINVAL' || errnoOf((error as Error).cause) === 'EACCES')
      return undefined
    throw error
  }
}

/** At most 256 printable characters. */
export function parseSecurityLabel(text: string): string | undefined {
  return oneLine(text, 256) || undefined
}
