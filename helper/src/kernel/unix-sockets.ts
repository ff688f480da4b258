// /proc/<pid>/net/unix: the unix sockets of a process's network namespace.
import { open, readdir, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { Problem } from '../../../src/shared/problem.ts'
import { type KernelRoot, processPath } from './kernel-root.ts'
import { errnoOf, processProblem } from './system-error.ts'

export interface UnixSocket {
  readonly inode: string
  readonly listening: boolean
  readonly connected: boolean
  /** As given to bind; an accepted socket has that of its listener. */
  readonly path: string
}

/** Some 100,000 sockets: who makes more of them only keeps us from looking. */
const maxTableBytes = 8 * 2 ** 20
const chunkBytes = 256 * 2 ** 10
/** QEMU opens its monitors first, so their descriptors are low. */
const maxDescriptors = 4096

/**
 * Sockets with a path, in the network namespace of the process; empty when it has ended.
 * Throws `not-supported` where there are more than are searched.
 */
export async function readUnixSockets(root: KernelRoot, pid: number): Promise<UnixSocket[]> {
  const path = processPath(root, pid, 'net/unix')
  try {
    return parseUnixSockets(await readBounded(path))
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ESRCH' || errnoOf(error) === 'EINVAL') return []
    throw processProblem(error, `read ${path}`)
  }
}

/** Such a file tells no size, and every read of it takes what the kernel has at hand. */
async function readBounded(path: string): Promise<string> {
  const file = await open(path, 'r')
  try {
    const chunks: Buffer[] = []
    for (let bytes = 0; bytes < maxTableBytes; ) {
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(chunkBytes), 0, chunkBytes, null)
      if (bytesRead === 0) return Buffer.concat(chunks).toString('utf8')
      chunks.push(buffer.subarray(0, bytesRead))
      bytes += bytesRead
    }
  } finally {
    await file.close()
  }
  throw new Problem(
    'not-supported',
    `cannot search ${path}: it lists more than ${maxTableBytes / 2 ** 20} MiB of sockets`,
  )
}

// Num: RefCount Protocol Flags Type St Inode Path; the flag 10000 is SO_ACCEPTCON, state 03 is connected.
const socketLine = /^[0-9a-f]+: [0-9A-F]+ [0-9A-F]+ ([0-9A-F]+) [0-9A-F]+ ([0-9A-F]+) +(\d+) (.+)$/

/** Sockets of /proc/net/unix that have a path. */
export function parseUnixSockets(text: string): UnixSocket[] {
  return text.split('\n').flatMap((line) => {
    const [, flags, state, inode, path] = socketLine.exec(line) ?? []
    if (flags === undefined || inode === undefined || path === undefined) return []
    return [
      { inode, path, listening: (Number.parseInt(flags, 16) & 0x10000) !== 0, connected: state === '03' },
    ]
  })
}

/**
 * Which of these sockets the process holds, by inode. Needs the right to trace it. Ends when all are found, or after
 * 4,096 descriptors.
 */
export async function findHeldSockets(
  root: KernelRoot,
  pid: number,
  inodes: ReadonlySet<string>,
): Promise<ReadonlySet<string>> {
  const folder = processPath(root, pid, 'fd')
  const held = new Set<string>()
  try {
    const descriptors = (await readdir(folder)).sort((a, b) => Number(a) - Number(b))
    for (const descriptor of descriptors.slice(0, maxDescriptors)) {
      if (held.size === inodes.size) break
      const inode = /^socket:\[(\d+)\]$/.exec((await readLinkIfThere(join(folder, descriptor))) ?? '')?.[1]
      if (inode !== undefined && inodes.has(inode)) held.add(inode)
    }
    return held
  } catch (error) {
    throw processProblem(error, `list the sockets of process ${pid}`)
  }
}

async function readLinkIfThere(path: string): Promise<string | undefined> {
  try {
    return await readlink(path)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  }
}
