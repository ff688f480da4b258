// How large the page cache of images can grow before the kernel has to choose what to take. Source: /proc/<pid>/cgroup, and the
// memory controller of cgroup v1 and v2.
import { join } from 'node:path'
import { asProblem } from '../../../src/shared/problem.ts'
import { maxGroupDepth } from './group-pressure.ts'
import { type KernelRoot, processPath } from './kernel-root.ts'
import { readIfThere } from './read-if-there.ts'

// A limit of this size and more is none: cgroup v1 spells "unlimited" as a number near 2^63.
const noLimitBytes = 2 ** 60

interface GroupMemory {
  readonly folder: string
  readonly path: string
  readonly limitBytes: number
  readonly usedBytes: number
}

/**
 * Available memory (which counts the cache as available), or less where memory control groups hold the guests:
 * the cache then has what the groups' other memory leaves. A guest without a limit leaves the host's; one that has ended
 * says nothing.
 */
export async function readCacheLimitBytes(
  root: KernelRoot,
  memory: { readonly availableBytes: number; readonly imageCacheBytes: number },
  pids: readonly number[],
): Promise<number> {
  const ofHost = Math.max(memory.availableBytes, memory.imageCacheBytes)
  const leftBytes = await readLeftOfGroups(root, pids)
  if (leftBytes === undefined) return ofHost
  return Math.max(0, Math.min(ofHost, memory.imageCacheBytes + leftBytes))
}

/** In bytes, by the folder of a group: what it leaves, the limits of the groups around it aside. */
interface GroupLeft {
  readonly leftBytes: number
  /** The next group around it that has a limit. */
  readonly around: string | undefined
}

/**
 * How much these processes can take together before one of the memory control groups around them, however far outside,
 * has nothing left; below zero where one has more than its limit. undefined: one of them has no limit, or none of them is
 * there any more. Each group is read once.
 */
export async function readLeftOfGroups(
  root: KernelRoot,
  pids: readonly number[],
): Promise<number | undefined> {
  const known = new Map<string, GroupMemory | undefined>()
  const groups = new Map<string, GroupLeft>()
  const innermost = new Set<string>()
  for (const pid of pids) {
    const limited = await listLimitedGroups(root, pid, known)
    if (limited === undefined) continue
    if (limited[0] === undefined) return undefined
    innermost.add(limited[0].folder)
    for (const [index, { folder, limitBytes, usedBytes }] of limited.entries())
      groups.set(folder, { leftBytes: limitBytes - usedBytes, around: limited[index + 1]?.folder })
  }
  return innermost.size === 0 ? undefined : leftWithin(groups, innermost)
}

/** Of a group with processes of its own what it leaves; of one around others no more than these leave together. Pure. */
function leftWithin(groups: ReadonlyMap<string, GroupLeft>, innermost: ReadonlySet<string>): number {
  const inside = new Map<string | undefined, number>()
  const depthOf = (folder: string) => folder.split('/').length
  const deepestFirst = [...groups].toSorted(([a], [b]) => depthOf(b) - depthOf(a))
  for (const [folder, { leftBytes, around }] of deepestFirst) {
    const taken = innermost.has(folder) ? Number.POSITIVE_INFINITY : (inside.get(folder) ?? 0)
    inside.set(around, (inside.get(around) ?? 0) + Math.min(leftBytes, taken))
  }
  return inside.get(undefined) ?? 0
}

export interface LimitedGroups {
  /** As /proc/<pid>/cgroup names them. */
  readonly groups: readonly string[]
  readonly limitBytes: number
  readonly usedBytes: number
  /** Page cache that is charged to them. Absent: not reported. */
  readonly cacheBytes?: number
}

/**
 * The innermost memory control groups with a limit of all these processes together; undefined where one of them has no
 * limit. Processes that have ended are passed over.
 */
export async function readLimitedGroups(
  root: KernelRoot,
  pids: readonly number[],
): Promise<LimitedGroups | undefined> {
  const groups = await findInnermostGroups(root, pids)
  return groups && addUp(groups)
}

/**
 * Each memory control group with a limit that this process is in, the innermost first: the tightest may be any of them.
 * None: it has no limit, or has ended.
 */
export async function listLimits(root: KernelRoot, pid: number): Promise<LimitedGroups[]> {
  const groups = (await listLimitedGroups(root, pid)) ?? []
  return Promise.all(groups.map((group) => addUp([group])))
}

/**
 * The memory control group with a limit that a further guest would share: one that holds all of these, and of several
 * the one with the least left. undefined: there is none. A group of a single guest (libvirt's hard_limit, a container or
 * pod for each) is none of the next one's; where only one guest runs, the group's name tells. Processes that have ended
 * are passed over.
 */
export async function readSharedLimit(
  root: KernelRoot,
  pids: readonly number[],
): Promise<LimitedGroups | undefined> {
  const listed = await Promise.all(pids.map((pid) => listLimitedGroups(root, pid)))
  const [first = [], ...others] = listed.filter((groups) => groups !== undefined)
  const isShared = ({ folder, path }: GroupMemory) =>
    others.length === 0
      ? !isOfOneGuest(path)
      : others.every((groups) => groups.some((group) => group.folder === folder))
  const left = ({ limitBytes, usedBytes }: GroupMemory) => limitBytes - usedBytes
  const [tightest] = first.filter(isShared).toSorted((a, b) => left(a) - left(b))
  return tightest && addUp([tightest])
}

/** In bytes: a limit, and what of it is free or page cache that the kernel gives back without swapping. */
interface GroupRoom {
  readonly limitBytes: number
  readonly availableBytes: number
}

/**
 * Of each process the memory control groups with a limit that another of these processes is in as well: they bind a guest
 * and the next one alike, while a group of its own binds nobody else. A process that shares none, or has ended, is left
 * out, and what cannot be read is as if it had no limit. Reads one file for each process, and the limits of shared groups
 * only. `noteUnreadable`: told of what cannot be read, a line each.
 */
export async function readSharedRooms(
  root: KernelRoot,
  pids: readonly number[],
  noteUnreadable: (line: string) => void,
): Promise<ReadonlyMap<number, readonly GroupRoom[]>> {
  const attempt = async <T>(read: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await read()
    } catch (error) {
      const problem = asProblem(error)
      if (problem.code === 'internal') throw problem
      noteUnreadable(problem.message)
      return undefined
    }
  }
  const places = new Map<string, { readonly place: GroupPlace; readonly pids: number[] }>()
  for (const pid of pids)
    for (const place of (await attempt(() => listGroupPlaces(root, pid))) ?? []) {
      const held = places.get(place.folder)
      if (held === undefined) places.set(place.folder, { place, pids: [pid] })
      else held.pids.push(pid)
    }
  const rooms = new Map<number, GroupRoom[]>()
  for (const { place, pids: members } of places.values()) {
    const room = members.length > 1 ? await attempt(() => readRoom(place)) : undefined
    if (room === undefined) continue
    for (const pid of members) rooms.set(pid, [...(rooms.get(pid) ?? []), room])
  }
  return rooms
}

async function readRoom(place: GroupPlace): Promise<GroupRoom | undefined> {
  const group = await readGroupMemory(place)
  if (group === undefined) return undefined
  const { limitBytes, usedBytes } = group
  const cacheBytes = (await readGroupCache(group)) ?? 0
  return { limitBytes, availableBytes: Math.max(0, limitBytes - usedBytes + cacheBytes) }
}

/** A scope of systemd or of a container engine, libvirt without systemd, the number of a container, a pod. */
const ofOneGuest = /(\.scope|\.libvirt-qemu)$|^[0-9a-f]{64}$|pod[0-9a-f]{8}/

function isOfOneGuest(path: string): boolean {
  return path.split('/').some((name) => ofOneGuest.test(name))
}

async function addUp(groups: readonly GroupMemory[]): Promise<LimitedGroups> {
  const caches = await Promise.all(groups.map(readGroupCache))
  const known = caches.filter((bytes) => bytes !== undefined)
  const sum = (of: readonly number[]) => of.reduce((total, bytes) => total + bytes, 0)
  return {
    groups: groups.map(({ path }) => path),
    limitBytes: sum(groups.map(({ limitBytes }) => limitBytes)),
    usedBytes: sum(groups.map(({ usedBytes }) => usedBytes)),
    ...(known.length === groups.length && { cacheBytes: sum(known) }),
  }
}

async function readGroupCache({ folder }: GroupMemory): Promise<number | undefined> {
  return parseGroupCache((await readIfThere(join(folder, 'memory.stat'))) ?? '')
}

/**
 * From memory.stat: file pages that can go without swapping, of the group and those below it. Memory of tmpfs counts as
 * cache there, and is on other lists. undefined: the kernel does not tell. Pure.
 */
export function parseGroupCache(text: string): number | undefined {
  const field = (name: string) => {
    const value = new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1]
    return value === undefined ? undefined : Number(value)
  }
  const [active, inactive] = ['active_file', 'inactive_file'].map(
    (name) => field(`total_${name}`) ?? field(name),
  )
  return active === undefined || inactive === undefined ? undefined : active + inactive
}

/** Each once. undefined: a process has no limit, or none of them is there any more. */
async function findInnermostGroups(
  root: KernelRoot,
  pids: readonly number[],
): Promise<readonly GroupMemory[] | undefined> {
  const groups = new Map<string, GroupMemory>()
  for (const pid of pids) {
    const limited = await listLimitedGroups(root, pid)
    if (limited === undefined) continue
    const [innermost] = limited
    if (innermost === undefined) return undefined
    groups.set(innermost.folder, innermost)
  }
  return groups.size === 0 ? undefined : [...groups.values()]
}

/**
 * The memory control groups of a process that have a limit, the innermost first, as far as they are looked at. undefined: it
 * has ended. `known`: by folder, what was read of groups before.
 */
async function listLimitedGroups(
  root: KernelRoot,
  pid: number,
  known = new Map<string, GroupMemory | undefined>(),
): Promise<GroupMemory[] | undefined> {
  const places = await listGroupPlaces(root, pid)
  const limited: GroupMemory[] = []
  for (const place of places ?? []) {
    if (!known.has(place.folder)) known.set(place.folder, await readGroupMemory(place))
    const group = known.get(place.folder)
    if (group !== undefined) limited.push(group)
  }
  return places && limited
}

interface GroupPlace {
  readonly folder: string
  readonly path: string
  readonly isUnified: boolean
}

/** The memory control groups of a process, the innermost first, no deeper than groups are looked at. undefined: it has ended. */
async function listGroupPlaces(root: KernelRoot, pid: number): Promise<GroupPlace[] | undefined> {
  const text = await readIfThere(processPath(root, pid, 'cgroup'))
  if (text === undefined) return undefined
  const found = parseMemoryGroup(text)
  if (found === undefined) return []
  const { isUnified } = found
  const base = join(root.sys, 'fs/cgroup', isUnified ? '' : 'memory')
  const names = found.path.split('/').filter((name) => name !== '')
  if (names.includes('..')) return []
  const places: GroupPlace[] = []
  for (let depth = Math.min(names.length, maxGroupDepth); depth > 0; depth -= 1) {
    const inner = names.slice(0, depth)
    places.push({ folder: join(base, ...inner), path: `/${inner.join('/')}`, isUnified })
  }
  return places
}

/** undefined: it has no limit, or does not tell what it uses. */
async function readGroupMemory({ folder, path, isUnified }: GroupPlace): Promise<GroupMemory | undefined> {
  const [limitFile, usedFile] = isUnified
    ? ['memory.max', 'memory.current']
    : ['memory.limit_in_bytes', 'memory.usage_in_bytes']
  const limitBytes = Number((await readIfThere(join(folder, limitFile)))?.trim() ?? Number.NaN)
  const usedBytes = Number((await readIfThere(join(folder, usedFile)))?.trim() ?? Number.NaN)
  const isLimited = limitBytes < noLimitBytes && Number.isFinite(usedBytes)
  return isLimited ? { folder, path, limitBytes, usedBytes } : undefined
}

/** From /proc/<pid>/cgroup: of cgroup v1 where it has the memory controller, else of v2. */
export function parseMemoryGroup(text: string): { path: string; isUnified: boolean } | undefined {
  const lines = text.split('\n')
  const v1 = lines.find((line) => line.split(':')[1]?.split(',').includes('memory'))
  const line = v1 ?? lines.find((one) => one.startsWith('0::'))
  const path = line?.split(':').slice(2).join(':')
  return path === undefined ? undefined : { path, isUnified: v1 === undefined }
}
