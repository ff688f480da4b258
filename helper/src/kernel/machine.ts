// /proc/sys/kernel/random/boot_id and /proc/self/ns/pid: which machine this is, and whose processes are seen.
import { readlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { Machine } from '../../../src/shared/contract/assessment.ts'
import type { KernelRoot } from './kernel-root.ts'
import { readIfThere } from './read-if-there.ts'
import { systemProblem } from './system-error.ts'

/** Undefined where the kernel has no boot id to read. */
export async function readMachine(root: KernelRoot): Promise<Machine | undefined> {
  const bootId = await readIfThere(join(root.proc, 'sys/kernel/random/boot_id'))
  if (bootId === undefined) return undefined
  const path = join(root.proc, 'self/ns/pid')
  try {
    return { bootId: bootId.trim(), pidNamespace: await readlink(path) }
  } catch (error) {
    throw systemProblem(error, `read ${path}`)
  }
}
