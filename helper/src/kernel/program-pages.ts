// The helper's own program file in memory.
import { readOwnExe } from './exe.ts'
import type { KernelRoot } from './kernel-root.ts'
import { dropView } from './mappings.ts'
import { readSmaps } from './smaps.ts'

/**
 * Takes code out of this process's memory, as starting needs much that scanning does not (tried: 58 MiB at the peak of
 * an assessment in place of 66). What is needed comes back at the touch, from the page cache. Only code: data may have
 * been changed as it was loaded.
 */
export async function dropProgramPages(root: KernelRoot): Promise<void> {
  const program = readOwnExe()
  for (const mapping of await readSmaps(root, process.pid)) {
    if (mapping.permissions !== 'r-xp' || mapping.name !== program) continue
    dropView({ start: mapping.start, length: mapping.end - mapping.start })
  }
}
