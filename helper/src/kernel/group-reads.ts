// Reads of storage by the control groups of processes: what other programs read from the same disk is not among them.
// Source: io.stat (cgroup v2), blkio.throttle.io_serviced (v1, Documentation/admin-guide/cgroup-v1/blkio-controller.rst).
import { join } from 'node:path'
import { findUnifiedGroup } from './group-pressure.ts'
import { type KernelRoot, processPath } from './kernel-root.ts'
import { readIfThere } from './read-if-there.ts'

/** By folder of a group, by "major:minor" of a disk: reads since the group began. */
export type GroupReads = ReadonlyMap<string, ReadonlyMap<string, number>>

/** undefined: a process is in no group of its own, or the kernel does not count by group. No privilege needed. */
export async function readGroupReads(
  root: KernelRoot,
  pids: readonly number[],
): Promise<GroupReads | undefined> {
  const groups = new Map<string, ReadonlyMap<string, number>>()
  for (const pid of pids) {
    const found = (await readUnified(root, pid)) ?? (await readThrottle(root, pid))
    if (found === undefined) return undefined
    groups.set(found.folder, found.reads)
  }
  return groups.size === 0 ? undefined : groups
}

/** Reads of these disks by all groups between two readings; undefined: not known, or the groups are others now. Pure. */
export function groupReadsBetween(
  before: GroupReads | undefined,
  now: GroupReads | undefined,
  disks: Iterable<string>,
): number | undefined {
  if (before === undefined || now === undefined || before.size !== now.size) return undefined
  let reads = 0
  for (const [folder, counts] of now) {
    const earlier = before.get(folder)
    if (earlier === undefined) return undefined
    for (const disk of new Set(disks))
      reads += Math.max(0, (counts.get(disk) ?? 0) - (earlier.get(disk) ?? 0))
  }
  return reads
}

interface Counted {
  readonly folder: string
  readonly reads: ReadonlyMap<string, number>
}

async function readUnified(root: KernelRoot, pid: number): Promise<Counted | undefined> {
  const folder = await findUnifiedGroup(root, pid)
  const text = folder === undefined ? undefined : await readIfThere(join(folder, 'io.stat'))
  return folder === undefined || text === undefined ? undefined : { folder, reads: parseIoStat(text) }
}

async function readThrottle(root: KernelRoot, pid: number): Promise<Counted | undefined> {
  const path = parseBlkioGroup((await readIfThere(processPath(root, pid, 'cgroup'))) ?? '')
  if (path === undefined || path === '/' || path.split('/').includes('..')) return undefined
  const folder = join(root.sys, 'fs/cgroup/blkio', path)
  const text = await readIfThere(join(folder, 'blkio.throttle.io_serviced'))
  return text === undefined ? undefined : { folder, reads: parseServiced(text) }
}

/** From /proc/<pid>/cgroup; undefined where cgroup v1 does not count storage. Pure. */
export function parseBlkioGroup(text: string): string | undefined {
  const line = text.split('\n').find((one) => one.split(':')[1]?.split(',').includes('blkio'))
  return line?.split(':').slice(2).join(':')
}

/** `253:0 rbytes=4096 wbytes=0 rios=1 wios=0 …` Pure. */
export function parseIoStat(text: string): ReadonlyMap<string, number> {
  return countsOf(text, /^(\d+:\d+) .*\brios=(\d+)/gm)
}

/** `253:0 Read 12` Pure. */
export function parseServiced(text: string): ReadonlyMap<string, number> {
  return countsOf(text, /^(\d+:\d+) Read (\d+)$/gm)
}

function countsOf(text: string, pattern: RegExp): ReadonlyMap<string, number> {
  return new Map([...text.matchAll(pattern)].map(([, disk = '', reads]) => [disk, Number(reads)]))
}
