// Processes, other than guests, that have an image open for writing.
import { setImmediate as breathe } from 'node:timers/promises'
import type { Unreadable } from '../../../src/shared/contract/quantity.ts'
import { Problem } from '../../../src/shared/problem.ts'
import type { Image } from '../images/image.ts'
import { keyOfIdentity, openFileKey } from '../images/image-identity.ts'
import { withPinned } from '../images/open-descriptor.ts'
import { listDescriptors } from '../kernel/descriptors.ts'
import { readOpenFlags } from '../kernel/fdinfo.ts'
import type { KernelRoot } from '../kernel/kernel-root.ts'
import { listPids, readComm } from '../kernel/pids.ts'
import { readProcessStatus } from '../kernel/process-status.ts'
import { readFileStatus } from '../kernel/statx.ts'
import { errnoOf, processProblem } from '../kernel/system-error.ts'

export interface Opener {
  readonly pid: number
  readonly command: string
}

export interface OtherWriters {
  /** Key of an open image -> a process that writes it and is no guest. */
  readonly writers: Map<string, Opener>
  /** Users with more descriptors than are looked at. */
  readonly unreadable: Unreadable[]
}

/** A user may have millions: some 10 µs each. Root's own are all looked at. */
const maxOfUser = 65_536
const atOnce = 256

/**
 * Looks at the descriptors of every visible process, of which there may be thousands; needs root to see those of others.
 * Processes that may not be looked at are left out.
 */
export async function findOtherWriters(
  root: KernelRoot,
  images: readonly Image[],
  guests: readonly number[],
): Promise<OtherWriters> {
  const wanted = new Set(images.map(({ id }) => keyOfIdentity(id)))
  const writers = new Map<string, Opener>()
  const quota = new DescriptorQuota(maxOfUser)
  for (const pid of await listPids(root)) {
    if (pid === process.pid || guests.includes(pid)) continue
    for (const key of await listWritten(root, pid, wanted, quota)) {
      if (!writers.has(key)) writers.set(key, { pid, command: (await readComm(root, pid)) ?? 'has ended' })
    }
  }
  return { writers, unreadable: quota.explain() }
}

/** How many descriptors of each user are still looked at. */
export class DescriptorQuota {
  readonly #max: number
  readonly #used = new Map<number, number>()

  constructor(max: number) {
    this.#max = max
  }

  /** How many of `count` more. */
  takeDescriptors(uid: number, count: number): number {
    const used = this.#used.get(uid) ?? 0
    this.#used.set(uid, used + count)
    return uid === 0 ? count : Math.max(0, Math.min(count, this.#max - used))
  }

  /** Who had more than their share, and how many. */
  explain(): Unreadable[] {
    const over = [...this.#used].filter(([uid, used]) => uid !== 0 && used > this.#max)
    return over.slice(0, 32).map(([uid, used]) => {
      const text = `cannot look at all open files of user ${uid}: only the first ${this.#max} of ${used} descriptors are looked at, so another writer of an image may be missed`
      return { path: '/proc', problem: new Problem('not-supported', text).toData() }
    })
  }
}

async function listWritten(
  root: KernelRoot,
  pid: number,
  wanted: ReadonlySet<string>,
  quota: DescriptorQuota,
): Promise<string[]> {
  const written: string[] = []
  const all = (await ifThere(pid, () => listDescriptors(root, pid))) ?? []
  const uid = readProcessStatus(root, pid)?.credentials.uid ?? -1
  for (const [index, fd] of all.slice(0, quota.takeDescriptors(uid, all.length)).entries()) {
    if (index % atOnce === atOnce - 1) await breathe()
    const key = keyIfTold(root, pid, fd)
    if (key === undefined || !wanted.has(key)) continue
    if ((await ifThere(pid, () => readOpenFlags(root, pid, fd)))?.writable) written.push(key)
  }
  return written
}

/** undefined: it is closed, or its file system does not tell, as a FUSE server can have it (EIO), or a file server (ESTALE). */
function keyIfTold(root: KernelRoot, pid: number, fd: string): string | undefined {
  try {
    return keyOf(root, pid, fd)
  } catch (error) {
    const errno = errnoOf(error)
    if (errno === undefined || ownFailures.has(errno))
      throw processProblem(error, `look at the open files of process ${pid}`)
    return undefined
  }
}

/** By what the kernel knows of the file, without asking its file system, which might never answer. */
function keyOf(root: KernelRoot, pid: number, fd: string): string {
  return withPinned({ root, pid, fd }, (pinned) => openFileKey(readFileStatus(pinned)))
}

// Some processes are closed even to root (security modules): what they have open stays unknown, and a page evicted
// from under them costs a read, no data.
const passedOver = new Set(['ENOENT', 'ESRCH', 'EACCES', 'EPERM'])
/** What we have run out of ourselves: every other failure is that of one descriptor, on a file system that anybody chose. */
const ownFailures = new Set(['EMFILE', 'ENFILE', 'ENOMEM'])

/** undefined: the process has ended or may not be looked at. */
async function ifThere<T>(pid: number, read: () => Promise<T> | T): Promise<T | undefined> {
  try {
    return await read()
  } catch (error) {
    if (passedOver.has(errnoOf(error) ?? '')) return undefined
    throw processProblem(error, `look at the open files of process ${pid}`)
  }
}
