// /proc/<pid>/maps: the files that a process has mapped into its memory.
import { deviceOfMapping } from './device-number.ts'
import { type KernelRoot, liveKernel, processPath } from './kernel-root.ts'
import { withSharedPage } from './mappings.ts'
import { readHead } from './read-head.ts'
import { processProblem } from './system-error.ts'
import { watchedRead } from './watched-read.ts'

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
    const path = processPath(root, pid, 'maps')
    return parseMappedFiles(watchedRead(pid, () => readHead(path, maxBytes)))
  } catch (error) {
    throw processProblem(error, `read the mapped files of process ${pid}`)
  }
}

let sharedMemoryDevice: string | undefined

/** `major:minor` of what carries shared memory without a file that has a name (memfd, /dev/zero): mounted nowhere. */
export function readSharedMemoryDevice(): string {
  sharedMemoryDevice ??= withSharedPage((page) => {
    const maps = readHead(processPath(liveKernel, 'self', 'maps'), maxBytes)
    const head = maps.split('\n').find((line) => line.startsWith(`${page.address.toString(16)}-`))
    const [, major = '', minor = ''] = /^\S+ \S+ \S+ ([0-9a-f]+):([0-9a-f]+) /.exec(head ?? '') ?? []
    return deviceOfMapping(major, minor)
  })
  return sharedMemoryDevice
}

const fileLine = /^\S+ \S+ \S+ ([0-9a-f]+):([0-9a-f]+) ([1-9]\d*) +([\s\S]*)$/

/** Files of /proc/<pid>/maps as `major:minor:inode`, and their paths. */
export function parseMappedFiles(text: string): MappedFiles {
  const files = new Set<string>()
  const paths = new Set<string>()
  for (const line of text.split('\n')) {
    const [, major = '', minor = '', inode, path = ''] = fileLine.exec(line) ?? []
    if (inode === undefined) continue
    files.add(`${deviceOfMapping(major, minor)}:${inode}`)
    paths.add(path)
  }
  return { files, paths }
}
