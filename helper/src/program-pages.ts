// The helper's own program file in memory.
import { readFile, readlink } from 'node:fs/promises'
import { dropView } from './libc.ts'

const codeLine = /^([0-9a-f]+)-([0-9a-f]+) r-xp \S+ \S+ \d+ +(.*)$/gm

/**
 * Takes code out of this process's memory, as starting needs much that scanning does not (tried: 58 MiB at the peak of
 * an assessment in place of 66). What is needed comes back at the touch, from the page cache. Only code: data may have
 * been changed as it was loaded.
 */
export async function dropProgramPages(): Promise<void> {
  const [program, maps] = await Promise.all([readlink('/proc/self/exe'), readFile('/proc/self/maps', 'utf8')])
  for (const [, start = '', end = '', path] of maps.matchAll(codeLine)) {
    if (path !== program) continue
    const from = Number.parseInt(start, 16)
    dropView({ start: from, length: Number.parseInt(end, 16) - from })
  }
}
