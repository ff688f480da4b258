// /proc/<pid>/net/unix: the unix sockets of a process's network namespace.
import { readdir, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { KernelRoot } from './kernel-root.ts'
import { readIfThere } from './read-if-there.ts'
import { errnoOf, processProblem } from './system-error.ts'

export interface UnixSocket {
  readonly inode: string
  readonly listening: boolean
  readonly connected: boolean
  /** As given to bind; an accepted socket has that of its listener. */
  readonly path: string
}

/** Sockets with a path, in the network namespace of the process; empty when it has ended. */
export async function readUnixSockets(root: KernelRoot, pid: number): Promise<UnixSocket[]> {
  return parseUnixSockets((await readIfThere(join(root.proc, String(pid), 'net/unix'))) ?? '')
}

// Num: RefCount Protocol Flags Type St Inode Path; the flag 10000 is SO_ACCEPTCON, state 03 is connected.
const socketLine = /^[0-9a-f]+: [0-9A-F]+ [0-9A-F]+ ([0-9A-F]+) [0-9A-F]+ ([0-9A-F]+) +(\d+) (.+)$/

export function parseUnixSockets(text: string): UnixSocket[] {
  return text.split('\n').flatMap((line) => {
    const [, flags, state, inode, path] = socketLine.exec(line) ?? []
    if (flags === undefined || inode === undefined || path === undefined) return []
    return [
      { inode, path, listening: (Number.parseInt(flags, 16) & 0x10000) !== 0, connected: state === '03' },
    ]
  })
}

/** Inodes of the sockets that the process holds. Needs the right to trace it. */
export async function readSocketInodes(root: KernelRoot, pid: number): Promise<ReadonlySet<string>> {
  const folder = join(root.proc, String(pid), 'fd')
  try {
    const fds = await readdir(folder)
    const links = await Promise.all(fds.map((fd) => readLinkIfThere(join(folder, fd))))
    return new Set(links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link ?? '')?.[1] ?? []))
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
