// Processes, other than guests, that have an image open for writing.
import type { Stats } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Image } from '../images/images.ts'
import { imageId } from '../images/images.ts'
import { readOpenFlags } from '../kernel/fdinfo.ts'
import type { KernelRoot } from '../kernel/kernel-root.ts'
import { listPids, readComm } from '../kernel/pids.ts'
import { errnoOf, processProblem } from '../kernel/system-error.ts'

export interface Opener {
  readonly pid: number
  readonly command: string
}

/** Image id -> a process that writes it and is no guest. Looks at every descriptor of every process in sight. */
export async function findOtherWriters(
  root: KernelRoot,
  images: readonly Image[],
  guests: readonly number[],
): Promise<Map<string, Opener>> {
  const wanted = new Set(images.map(({ id }) => id))
  const writers = new Map<string, Opener>()
  for (const pid of await listPids(root)) {
    if (pid === process.pid || guests.includes(pid)) continue
    for (const id of await listWritten(root, pid, wanted)) {
      if (!writers.has(id))
        writers.set(id, { pid, command: (await readComm(root, pid)) ?? 'ended meanwhile' })
    }
  }
  return writers
}

async function listWritten(root: KernelRoot, pid: number, wanted: ReadonlySet<string>): Promise<string[]> {
  const folder = join(root.proc, String(pid), 'fd')
  const written: string[] = []
  for (const fd of (await ifThere(pid, readdir(folder))) ?? []) {
    const stats: Stats | undefined = await ifThere(pid, stat(join(folder, fd)))
    if (stats === undefined || !wanted.has(imageId(stats))) continue
    const flags = await ifThere(pid, readOpenFlags(root, pid, fd))
    if (flags?.writable) written.push(imageId(stats))
  }
  return written
}

// Some processes are closed even to root (security modules): what they have open stays unknown, and a page evicted
// from under them costs a read, no data.
const passedOver = new Set(['ENOENT', 'ESRCH', 'EACCES', 'EPERM'])

/** undefined: the process has ended, has closed it, or may not be looked at. */
async function ifThere<T>(pid: number, reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading
  } catch (error) {
    if (passedOver.has(errnoOf(error) ?? '')) return undefined
    throw processProblem(error, `look at the open files of process ${pid}`)
  }
}
