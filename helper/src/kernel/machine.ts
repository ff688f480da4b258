// /proc/sys/kernel/random/boot_id: which boot of which machine this is.
import { join } from 'node:path'
import type { Machine } from '../../../src/shared/contract/assessment.ts'
import type { KernelRoot } from './kernel-root.ts'
import { readNamespace } from './namespaces.ts'
import { readIfThere } from './read-if-there.ts'
import { systemProblem } from './system-error.ts'

/** Another one after each boot; undefined where the kernel has none to read. */
export async function readBootId(root: KernelRoot): Promise<string | undefined> {
  return (await readIfThere(join(root.proc, 'sys/kernel/random/boot_id')))?.trim()
}

/** The boot, and whose processes are visible here; undefined where the kernel has no boot id to read. */
export async function readMachine(root: KernelRoot): Promise<Machine | undefined> {
  const bootId = await readBootId(root)
  if (bootId === undefined) return undefined
  try {
    return { bootId, pidNamespace: readNamespace(root, 'self', 'pid') }
  } catch (error) {
    throw systemProblem(error, 'read the PID namespace of this process')
  }
}
