// /proc/<pid>/net/unix: the unix sockets of a process's network namespace.
import { readdirSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { Problem } from '../../../src/shared/problem.ts'
import { type KernelRoot, processPath } from './kernel-root.ts'
import { readHead } from './read-head.ts'
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
/** QEMU opens its monitors first, so their descriptors are low. */
const maxDescriptors = 4096
/** Between two pauses: some milliseconds. */
const descriptorsAtOnce = 512

/**
 * Sockets that are bound to this path, in the network namespace of the process; empty when it has ended.
 * Throws `not-supported` where there are more than are searched.
 */
export function findUnixSockets(root: KernelRoot, pid: number, bound: string): UnixSocket[] {
  const table = processPath(root, pid, 'net/unix')
  try {
    return parseUnixSockets(readBounded(table), bound)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ESRCH' || errnoOf(error) === 'EINVAL') return []
    throw processProblem(error, `read ${table}`)
  }
}

function readBounded(path: string): string {
  const text = readHead(path, maxTableBytes)
  if (text.length < maxTableBytes) return text
  throw new Problem(
    'not-supported',
    `cannot search ${path}: it lists more than ${maxTableBytes / 2 ** 20} MiB of sockets`,
  )
}

// Num: RefCount Protocol Flags Type St Inode Path; the flag 10000 is SO_ACCEPTCON, state 03 is connected.
const socketLine = /^[0-9a-f]+: [0-9A-F]+ [0-9A-F]+ ([0-9A-F]+) [0-9A-F]+ ([0-9A-F]+) +(\d+) (.+)$/

/** Sockets of /proc/net/unix that are bound to this path. */
export function parseUnixSockets(text: string, bound: string): UnixSocket[] {
  const end = ` ${bound}`
  return text.split('\n').flatMap((line) => {
    if (!line.endsWith(end)) return []
    const [, flags, state, inode, path] = socketLine.exec(line) ?? []
    if (flags === undefined || inode === undefined || path !== bound) return []
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
    const descriptors = readdirSync(folder).sort((a, b) => Number(a) - Number(b))
    for (const [index, descriptor] of descriptors.slice(0, maxDescriptors).entries()) {
      if (held.size === inodes.size) break
      if (index % descriptorsAtOnce === descriptorsAtOnce - 1) await setImmediate()
      const inode = /^socket:\[(\d+)\]$/.exec(readLinkIfThere(join(folder, descriptor)) ?? '')?.[1]
      if (inode !== undefined && inodes.has(inode)) held.add(inode)
    }
    return held
  } catch (error) {
    throw processProblem(error, `list the sockets of process ${pid}`)
  }
}

function readLinkIfThere(path: string): string | undefined {
  try {
    return readlinkSync(path)
  } catch (error) {
    // Closed in the meantime, or a file whose path is longer than a page.
    if (['ENOENT', 'ENAMETOOLONG'].includes(errnoOf(error) ?? '')) return undefined
    throw error
  }
}
