// /proc/<pid>/smaps
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { KernelRoot } from './kernel-root.ts'
import { processProblem } from './system-error.ts'

export interface Mapping {
  readonly start: number
  readonly end: number
  /** As the kernel prints them: `rw-p`. */
  readonly permissions: string
  readonly inode: number
  /** Path of the mapped file, a name in brackets, or empty for anonymous memory. */
  readonly name: string
  readonly anonHugePagesBytes: number
  /** Two-letter flags of VmFlags: `mg` mergeable, `sh` shared, `ht` hugetlb, `dc` not inherited by fork. */
  readonly flags: ReadonlySet<string>
}

/** Needs the right to trace the process (CAP_SYS_PTRACE). Walks its page tables: milliseconds per GiB. */
export async function readSmaps(root: KernelRoot, pid: number): Promise<Mapping[]> {
  try {
    return parseSmaps(await readFile(join(root.proc, String(pid), 'smaps'), 'utf8'))
  } catch (error) {
    throw processProblem(error, `read the memory map of process ${pid}`)
  }
}

const headLine = /^([0-9a-f]+)-([0-9a-f]+) (\S{4}) [0-9a-f]+ \S+ (\d+) *(.*)$/

export function parseSmaps(text: string): Mapping[] {
  const mappings: Mapping[] = []
  let head: RegExpExecArray | null = null
  let anonHugePagesBytes = 0
  for (const line of text.split('\n')) {
    if (line.startsWith('VmFlags:')) {
      if (head !== null) mappings.push(toMapping(head, anonHugePagesBytes, line))
      head = null
    } else if (line.startsWith('AnonHugePages:')) {
      anonHugePagesBytes = Number(/\d+/.exec(line)?.[0]) * 1024
    } else {
      head = headLine.exec(line) ?? head
    }
  }
  return mappings
}

function toMapping(head: RegExpExecArray, anonHugePagesBytes: number, flagLine: string): Mapping {
  const [, start = '', end = '', permissions = '', inode, name = ''] = head
  return {
    start: Number.parseInt(start, 16),
    end: Number.parseInt(end, 16),
    permissions,
    inode: Number(inode),
    name,
    anonHugePagesBytes,
    flags: new Set(flagLine.slice('VmFlags:'.length).trim().split(' ')),
  }
}
