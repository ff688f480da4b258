// /proc/<pid>/mountinfo: the mounts that a process sees.
import { type KernelRoot, processPath } from './kernel-root.ts'
import { readHead } from './read-head.ts'
import { errnoOf, systemProblem } from './system-error.ts'

export interface Mount {
  readonly id: number
  /** `major:minor` of the file system. */
  readonly device: string
  readonly mountPoint: string
  /** `ext4`, `fuse.sshfs`. */
  readonly type: string
  /** Options of the file system, separated by commas. */
  readonly options: string
  /** Made in a mount namespace of a user namespace other than ours: any user can make such ones. */
  readonly isOfUserNamespace?: boolean
}

/** Hosts of many containers have thousands of mounts, of about 150 bytes each. */
const maxBytes = 8 * 2 ** 20

/** Mounts beyond the first 8 MiB of text are left out. undefined: the process has ended, or is not ours to look at. */
export function readMounts(root: KernelRoot, pid: number | 'self'): Mount[] | undefined {
  const path = processPath(root, pid, 'mountinfo')
  try {
    return parseMounts(readHead(path, maxBytes))
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM', 'EINVAL'].includes(errnoOf(error) ?? '')) return undefined
    throw systemProblem(error, `read ${path}`)
  }
}

// Only spaces, tabs, line feeds and backslashes are escaped: whoever mounts may put other white space and ends of lines
// into the names.
const mountLine = /^(\d+) \d+ (\d+:\d+) [^ ]+ ([^ ]+) (?:[^ ]+ )*?- ([^ ]+) [^ ]* ([^ ]*)$/

/** Mounts of /proc/<pid>/mountinfo in its order. Lines of another form are passed over. */
export function parseMounts(text: string): Mount[] {
  return text.split('\n').flatMap((line) => {
    const [, id, device, mountPoint, type, options] = mountLine.exec(line) ?? []
    if (id === undefined || device === undefined || mountPoint === undefined || type === undefined) return []
    return [{ id: Number(id), device, mountPoint: decodeOctal(mountPoint), type, options: options ?? '' }]
  })
}

/** The kernel writes spaces, tabs, line breaks and backslashes as three octal digits. */
function decodeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
}
