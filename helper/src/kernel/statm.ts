// /proc/<pid>/statm
import { type KernelRoot, processPath } from './kernel-root.ts'
import { readIfThere } from './read-if-there.ts'

/** Pages in memory; undefined for a process that has ended or is a zombie. */
export async function readResidentPages(root: KernelRoot, pid: number): Promise<number | undefined> {
  const text = await readIfThere(processPath(root, pid, 'statm'))
  return text === undefined ? undefined : parseResidentPages(text)
}

/** The second field; undefined where it is 0 (a zombie) or no number. */
export function parseResidentPages(text: string): number | undefined {
  const pages = Number(text.split(' ')[1])
  return Number.isInteger(pages) && pages > 0 ? pages : undefined
}
