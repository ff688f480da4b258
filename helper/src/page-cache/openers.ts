// Processes, other than guests, that have an image open for writing.
import type { Image } from '../images/image.ts'
import { keyOfIdentity, openFileKey } from '../images/image-identity.ts'
import { withPinned } from '../images/open-descriptor.ts'
import { listDescriptors } from '../kernel/descriptors.ts'
import { readOpenFlags } from '../kernel/fdinfo.ts'
import type { KernelRoot } from '../kernel/kernel-root.ts'
import { listPids, readComm } from '../kernel/pids.ts'
import { readFileStatus } from '../kernel/statx.ts'
import { errnoOf, processProblem } from '../kernel/system-error.ts'

export interface Opener {
  readonly pid: number
  readonly command: string
}

/**
 * Key of an open image -> a process that writes it and is no guest. Looks at every descriptor of every visible
 * process, of which there may be thousands; needs root to see those of others. Processes that may not be looked at
 * are left out.
 */
export async function findOtherWriters(
  root: KernelRoot,
  images: readonly Image[],
  guests: readonly number[],
): Promise<Map<string, Opener>> {
  const wanted = new Set(images.map(({ id }) => keyOfIdentity(id)))
  const writers = new Map<string, Opener>()
  for (const pid of await listPids(root)) {
    if (pid === process.pid || guests.includes(pid)) continue
    for (const key of await listWritten(root, pid, wanted)) {
      if (!writers.has(key)) writers.set(key, { pid, command: (await readComm(root, pid)) ?? 'has ended' })
    }
  }
  return writers
}

async function listWritten(root: KernelRoot, pid: number, wanted: ReadonlySet<string>): Promise<string[]> {
  const written: string[] = []
  for (const fd of (await ifThere(pid, () => listDescriptors(root, pid))) ?? []) {
    const key = await ifThere(pid, () => keyOf(root, pid, fd))
    if (key === undefined || !wanted.has(key)) continue
    if ((await ifThere(pid, () => readOpenFlags(root, pid, fd)))?.writable) written.push(key)
  }
  return written
}

/** By what the kernel knows of the file, without asking its file system, which might never answer. */
function keyOf(root: KernelRoot, pid: number, fd: string): string {
  return withPinned({ root, pid, fd }, (pinned) => openFileKey(readFileStatus(pinned)))
}

// Some processes are closed even to root (security modules): what they have open stays unknown, and a page evicted
// from under them costs a read, no data.
const passedOver = new Set(['ENOENT', 'ESRCH', 'EACCES', 'EPERM'])

/** undefined: the process has ended, has closed it, or may not be looked at. */
async function ifThere<T>(pid: number, read: () => Promise<T> | T): Promise<T | undefined> {
  try {
    return await read()
  } catch (error) {
    if (passedOver.has(errnoOf(error) ?? '')) return undefined
    throw processProblem(error, `look at the open files of process ${pid}`)
  }
}
