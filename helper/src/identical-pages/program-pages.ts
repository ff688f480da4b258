// The helper's own program file in memory.
import { readlink } from 'node:fs/promises'
import { sizeOf } from '../guests/guest-ram.ts'
import type { KernelRoot } from '../kernel/kernel-root.ts'
import { dropView } from '../kernel/mappings.ts'
import { readSmaps } from '../kernel/smaps.ts'

/**
 * Takes code out of this process's memory, as starting needs much that scanning does not (tried: 58 MiB at the peak of
 * an assessment in place of 66). What is needed comes back at the touch, from the page cache. Only code: data may have
 * been changed as it was loaded.
 */
export async function dropProgramPages(root: KernelRoot): Promise<void> {
  const program = await readlink('/proc/self/exe')
  for (const mapping of await readSmaps(root, process.pid)) {
    if (mapping.permissions !== 'r-xp' || mapping.name !== program) continue
    dropView({ start: mapping.start, length: sizeOf(mapping) })
  }
}
