// /proc/<pid>/maps: the files that a process has mapped into its memory.
import { type KernelRoot, processPath } from './kernel-root.ts'
import { readHead } from './read-head.ts'
import { processProblem } from './system-error.ts'

export interface MappedFiles {
  /** `major:minor:inode`. */
  readonly files: ReadonlySet<string>
  /**
   * As the process sees them. Some file systems (btrfs, overlayfs before Linux 6.8) show another device number here than
   * stat does: there the path tells.
   */
  readonly paths: ReadonlySet<string>
}

/** A process has at most 65,530 mappings unless its admin allows more (vm.max_map_count), of about 100 bytes each. */
const maxBytes = 16 * 2 ** 20

/** Without walking any page table. Needs the right to trace the process. Throws `gone`, `not-permitted`. */
export function readMappedFiles(root: KernelRoot, pid: number): MappedFiles {
  try {
    return parseMappedFiles(readHead(processPath(root, pid, 'maps'), maxBytes))
  } catch (error) {
    throw processProblem(error, `read the mapped files of process ${pid}`)
  }
}

const fileLine = /^\S+ \S+ \S+ ([0-9a-f]+):([0-9a-f]+) ([1-9]\d*) +([\s\S]*)$/

/** Files of /proc/<pid>/maps as `major:minor:inode`, and their paths. */
export function parseMappedFiles(text: string): MappedFiles {
  const files = new Set<string>()
  const paths = new Set<string>()
  for (const line of text.split('\n')) {
    const [, major = '', minor = '', inode, path = ''] = fileLine.exec(line) ?? []
    if (inode === undefined) continue
    files.add(`${Number.parseInt(major, 16)}:${Number.parseInt(minor, 16)}:${inode}`)
    paths.add(path)
  }
  return { files, paths }
}
