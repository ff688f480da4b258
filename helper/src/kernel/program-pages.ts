// This process's memory that a finished step leaves behind: the pages of its program file.
import type { ByteRange } from './byte-range.ts'
import { readOwnExe } from './exe.ts'
import type { KernelRoot } from './kernel-root.ts'
import { dropView } from './mappings.ts'
import { readSmaps } from './smaps.ts'

/** A fiftieth of a processor at most. */
const restMs = 100

/** As many as the steps of an assessment. */
const dropsOfFirstScan = 8

let views: readonly ByteRange[] | undefined
let droppedAtMs = 0
let drops = 0

/**
 * Takes code and constants out of this process's memory, as starting needs much that scanning does not, and each step of a
 * scan other parts than the last one (tried: 62 MiB at the peak of an assessment instead of 90). What is needed comes back at
 * the touch, from the page cache: a millisecond or two for all of it, which is a quarter of a scan that takes as long as
 * 50 ms (tried). So after the first scan it is done ten times a second at most. Collecting garbage as well would take some
 * 10 ms and frees hardly anything (tried). Source: madvise(2).
 */
export async function dropProgramPages(root: KernelRoot): Promise<void> {
  if (drops >= dropsOfFirstScan) await dropProgramPagesInTurn(root)
  else await drop(root)
}

/** As `dropProgramPages`, ten times a second at most: for work of which no end of a step is known. Source: madvise(2). */
export async function dropProgramPagesInTurn(root: KernelRoot): Promise<void> {
  if (performance.now() - droppedAtMs >= restMs) await drop(root)
}

async function drop(root: KernelRoot): Promise<void> {
  views ??= await findProgramViews(root)
  for (const view of views) dropView(view)
  droppedAtMs = performance.now()
  drops += 1
}

/** Mappings that nobody can write to and whose pages are all still the file's: others may have been changed as they were loaded. */
async function findProgramViews(root: KernelRoot): Promise<ByteRange[]> {
  const program = readOwnExe()
  const mappings = await readSmaps(root, process.pid)
  return mappings.flatMap(({ name, permissions, anonymousBytes, start, end }) => {
    const isUnchanged = !permissions.includes('w') && anonymousBytes === 0
    return isUnchanged && name === program ? [{ start, length: end - start }] : []
  })
}
