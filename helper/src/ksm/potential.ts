// What was measured of a potential, and what of it counts when a burst begins.
import { Problem } from '../../../src/shared/problem.ts'
import type { KernelRoot } from '../kernel/kernel-root.ts'
import { readKsmStat } from '../kernel/ksm-stat.ts'
import { pageSize } from '../kernel/page-size.ts'
import { listPids } from '../kernel/pids.ts'
import { readResidentPages } from '../kernel/statm.ts'
import type { BurstAim, BurstCounters, GuestPages } from '../policies/ksm-burst.ts'
import { savedPages } from '../policies/ksm-burst.ts'

/** What the last measurement found of a guest. */
export interface MeasuredGuest {
  /** Tells its process from another that gets its pid later. */
  readonly startTime: string
  readonly mergeable: boolean
  readonly potentialBytes: number
  /** Saved of it by merging, counted in frames. */
  readonly mergedBytes: number
  readonly residentBytes: number
}

export interface MeasuredPotential {
  /** Identical, mergeable and not yet merged, over all guests. */
  readonly bytes: number
  /** What merging saves in these guests already, counted in frames. */
  readonly savedBytes: number
  readonly residentBytes: number
  readonly measuredAtSeconds: number
  readonly guests: ReadonlyMap<number, MeasuredGuest>
}

/** Merging that frees less is not worth ksmd's walk through all guests. */
const worthwhileBytes = 4 * 2 ** 20
const worthwhileRatio = 0.005

/** Below it, `ksm start` begins no burst. */
export function startThresholdBytes({ residentBytes }: Pick<MeasuredPotential, 'residentBytes'>): number {
  return Math.max(worthwhileBytes, Math.round(worthwhileRatio * residentBytes))
}

/**
 * What a burst is to reach. The kernel's counters also hold merged pages of processes that have ended, until ksmd
 * passes them, and of processes that are no guests: the former must not count as a loss, the latter not as a gain.
 * Where the kernel does not tell what single processes share (before Linux 6.1), or some process refuses, all count as
 * living. Needs root to look at processes of others.
 */
export async function aimOf(
  root: KernelRoot,
  measured: Pick<MeasuredPotential, 'bytes' | 'savedBytes' | 'guests'>,
  counters: BurstCounters,
): Promise<BurstAim> {
  const potentialPages = Math.round(measured.bytes / pageSize)
  const counted = savedPages(counters)
  const others = await countOthersMerging(root, measured.guests)
  if (others === undefined) return { potentialPages, savedPages: counted }
  const sites = counters.pagesShared + counters.pagesSharing
  const savedByOthers = sites === 0 ? 0 : (others * counters.pagesSharing) / sites
  return {
    potentialPages,
    savedPages: Math.min(counted, Math.round(measured.savedBytes / pageSize + savedByOthers)),
  }
}

/**
 * Sites of merged pages in processes that are no guests. undefined: not reported by this kernel, or a process does not let
 * itself be looked at: a sum without it would pass for the whole.
 */
async function countOthersMerging(
  root: KernelRoot,
  guests: ReadonlyMap<number, unknown>,
): Promise<number | undefined> {
  let pages = 0
  let isReported = false
  for (const pid of await listPids(root)) {
    const merging = await readMerging(root, pid)
    if (merging === 'refused' && !guests.has(pid)) return undefined
    if (merging === undefined || merging === 'refused') continue
    isReported = true
    if (!guests.has(pid)) pages += merging
  }
  return isReported ? pages : undefined
}

async function readMerging(root: KernelRoot, pid: number): Promise<number | 'refused' | undefined> {
  try {
    return (await readKsmStat(root, pid))?.mergingPages
  } catch (error) {
    if (error instanceof Problem && error.code !== 'internal') return 'refused'
    throw error
  }
}

/** Resident pages of each of these processes; one that has ended is left out. Needs no privilege. Source: /proc/<pid>/statm. */
export async function countGuestPages(root: KernelRoot, pids: Iterable<number>): Promise<GuestPages> {
  const pages: Record<string, number> = {}
  for (const pid of pids) {
    const resident = await readResidentPages(root, pid)
    if (resident !== undefined) pages[pid] = resident
  }
  return pages
}
