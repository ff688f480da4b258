// /proc/<pid>/cmdline
import { join } from 'node:path'
import type { KernelRoot } from './kernel-root.ts'
import { readIfThere } from './read-if-there.ts'

/** Empty for kernel threads; undefined when there is no such process. */
export async function readCmdline(root: KernelRoot, pid: number): Promise<string[] | undefined> {
  const text = await readIfThere(join(root.proc, String(pid), 'cmdline'))
  return text === undefined ? undefined : parseCmdline(text)
}

export function parseCmdline(text: string): string[] {
  if (text === '') return []
  return text.replace(/\0$/, '').split('\0')
}
