// Scans the RAM of guests one after the other. Before that it finds their RAM and what the kernel tells of it.
import type { Reason, Unreadable } from '../../../../src/shared/contract/quantity.ts'
import { Problem, type ProblemCode } from '../../../../src/shared/problem.ts'
import { withValue } from '../../../../src/shared/with-value.ts'
import {
  explainRam,
  findOtherMergeable,
  findRam,
  type RamMapping,
  sizeOf,
  toRamMapping,
  totalSize,
} from '../../guests/guest-ram.ts'
import type { Guest } from '../../guests/guests.ts'
import { leaveOversizedOut, maxRamBytes } from '../../guests/oversized-memory.ts'
import { findPluggable, measureRam, type RamSize } from '../../guests/pluggable-memory.ts'
import { leaveServedOut } from '../../guests/served-memory.ts'
import type { KernelRoot } from '../../kernel/kernel-root.ts'
import { readKsmStat } from '../../kernel/ksm-stat.ts'
import { readMeminfo } from '../../kernel/meminfo.ts'
import { MountTable } from '../../kernel/mount-table.ts'
import { pageSize } from '../../kernel/page-size.ts'
import { PresentPages } from '../../kernel/present-pages.ts'
import { readStartTime } from '../../kernel/process-stat.ts'
import { dropProgramPages } from '../../kernel/program-pages.ts'
import { isKsmdScanning, readKsmdPass } from '../../kernel/read-ksm.ts'
import { type Mapping, readSmaps } from '../../kernel/smaps.ts'
import { processProblem } from '../../kernel/system-error.ts'
import { watchStarted } from '../../kernel/watched-read.ts'
import type { ScanOptions } from '../../pacing/scan-options.ts'
import { MergedFrames } from './merged-frames.ts'
import type { FrameSink, Remembered, Scan } from './scan.ts'
import { type RamScan, scanRam } from './scan-ram.ts'

export interface PreparedGuests {
  readonly prepared: PreparedScan[]
  readonly unreadable: Unreadable[]
}

/**
 * Reads the memory maps of guests. A guest that cannot be read is data beside the others. Needs CAP_SYS_PTRACE for guests
 * of other users; without it each of them is listed as unreadable.
 */
export async function prepareGuests(guests: readonly Guest[], options: ScanOptions): Promise<PreparedGuests> {
  await dropProgramPages(options.root)
  const prepared: PreparedScan[] = []
  const unreadable: Unreadable[] = []
  const bounds = {
    mounts: new MountTable(options.root),
    maxBytes: maxRamBytes((await readMeminfo(options.root)).memTotalBytes),
  }
  for (const guest of guests) {
    try {
      const scan = await prepareScan(guest, options, bounds)
      prepared.push(scan)
      if (scan.oversized !== undefined)
        unreadable.push(describeLeftOut(guest, 'not-supported', scan.oversized))
      if (scan.served.length > 0)
        unreadable.push(describeLeftOut(guest, 'not-permitted', scan.served.join(', ')))
    } catch (error) {
      unreadable.push(describeUnreadable(guest, error))
    }
  }
  // Memory maps of guests are long texts, and the thread that watches reads has started by now.
  if (guests.length > 0) await watchStarted()
  await dropProgramPages(options.root)
  return { prepared, unreadable }
}

function describeLeftOut(guest: Guest, code: ProblemCode, what: string): Unreadable {
  const text = `cannot read all RAM of guest ${guest.name} (pid ${guest.pid}): ${what}`
  return describeUnreadable(guest, new Problem(code, text.slice(0, 4096)))
}

function describeUnreadable(guest: Guest, error: unknown): Unreadable {
  const problem = processProblem(error, `scan guest ${guest.name} (pid ${guest.pid})`)
  return { path: `/proc/${guest.pid}`, problem: problem.toData() }
}

export interface PreparedScan {
  readonly guest: Guest
  /** Tells the process from another that gets its pid later. */
  readonly startTime: string
  readonly scan: RamScan
  readonly ram: RamSize
  /** KSM may merge its RAM, or part of it. */
  readonly isMergeable: boolean
  /** What is scanned beside RAM, since KSM may merge it: video memory, ROMs. */
  readonly otherBlocksBytes: number
  readonly presentPages: number
  /** Pages that KSM replaced by the kernel's zero page. */
  readonly ksmZeroPages: number
  readonly why: readonly Reason[]
  /** Parts of its RAM that are not read, since a program serves them. */
  readonly served: readonly string[]
  /** Part of its RAM that is more than a guest can have here. Absent: it has no more. */
  readonly oversized?: string
}

interface Bounds {
  readonly mounts: MountTable
  readonly maxBytes: number
}

/** Throws `gone`, `not-permitted`, or `not-found` where the process has no RAM (yet). */
async function prepareScan(
  guest: Guest,
  options: ScanOptions,
  { mounts, maxBytes }: Bounds,
): Promise<PreparedScan> {
  const startTime = await requireAlive(options.root, guest, undefined)
  const all = await readSmaps(options.root, guest.pid)
  const found = findRam(all)
  const besides = findOtherMergeable(all, found)
  const { within, oversized } = leaveOversizedOut([...found, ...besides], maxBytes)
  const blocks = found.filter((mapping) => within.has(mapping))
  await requireAlive(options.root, guest, startTime)
  if (blocks.length === 0 && oversized !== undefined)
    throw new Problem('not-supported', `cannot scan guest ${guest.pid}: ${oversized}`)
  if (blocks.length === 0)
    throw new Problem('not-found', `cannot scan guest ${guest.pid}: it has no RAM mapped`)
  const { readable: ram, served } = leaveServedOut(blocks, mounts, guest.pid)
  if (ram.length === 0)
    throw new Problem('not-permitted', `cannot scan guest ${guest.pid}: ${served.join(', ')}`)
  const others = leaveServedOut(
    besides.filter((mapping) => within.has(mapping)),
    mounts,
    guest.pid,
  ).readable
  const ksmStat = await readKsmStat(options.root, guest.pid)
  const mappings = [...ram, ...others].map(toRamMapping)
  const present = countPresent(guest.pid, mappings, options)
  const scan: RamScan = {
    pid: guest.pid,
    name: guest.name,
    mappings,
    // Not reported by this kernel: there may be some.
    needsFrames:
      (ksmStat?.mergingPages ?? 1) > 0 ||
      (ksmStat?.zeroPages ?? 0) > 0 ||
      (await isKsmdScanning(options.root)) ||
      mapsUntoldZeros([...ram, ...others], present),
  }
  const presentOf = new Map(ram.map((mapping, index) => [mapping, present[index]?.pages]))
  const sizes = blocks.map((mapping) => ({
    sizeBytes: sizeOf(mapping),
    presentBytes: (presentOf.get(mapping) ?? 0) * pageSize,
  }))
  return {
    guest,
    startTime,
    scan,
    ram: measureRam(sizes, findPluggable(guest.args)),
    isMergeable: ram.some((mapping) => toRamMapping(mapping).mergeable),
    otherBlocksBytes: totalSize(others),
    presentPages: present.reduce((sum, { pages }) => sum + pages, 0),
    ksmZeroPages: ksmStat?.zeroPages ?? 0,
    why: explainRam(blocks),
    served,
    ...withValue({ oversized }),
  }
}

/** Throws `gone`. Maps and memory of a process that has ended read as empty, not as an error. */
async function requireAlive(root: KernelRoot, guest: Guest, startTime: string | undefined): Promise<string> {
  const now = await readStartTime(root, guest.pid)
  if (now !== undefined && now === (startTime ?? now)) return now
  throw new Problem('gone', `cannot scan guest ${guest.name} (pid ${guest.pid}): it has ended`)
}

/** Of each mapping. */
function countPresent(pid: number, mappings: readonly RamMapping[], options: ScanOptions) {
  const present = new PresentPages(options.root, pid, options.presentBy)
  try {
    return mappings.map(({ start, end }) => present.count(start, end))
  } finally {
    present.close()
  }
}

/** A guest at work takes some between two looks. */
const negligiblePages = 512

/**
 * Whether anonymous memory has more present pages than it takes: the rest is the kernel's zero page, mapped where memory
 * was read and never written, as by `savevm` and migration. Page-map entries do not tell it from others, and
 * PAGEMAP_SCAN before Linux 6.17 not where it is a huge one.
 */
function mapsUntoldZeros(
  mappings: readonly Mapping[],
  present: readonly { readonly pages: number; readonly kernelZeroPages: number }[],
): boolean {
  return mappings.some((mapping, index) => {
    const { pages, kernelZeroPages } = present[index] ?? { pages: 0, kernelZeroPages: 0 }
    const takenPages = mapping.anonymousBytes / pageSize
    return mapping.inode === 0 && pages - kernelZeroPages - takenPages > negligiblePages
  })
}

export interface ScannedGuests {
  /** Scanned to the end. */
  readonly scanned: ReadonlySet<PreparedScan>
  readonly hashedPages: number
  readonly unreadable: Unreadable[]
}

/**
 * Reads the RAM of guests one after the other. What was found of a guest that ends during it stays in its sink. Needs
 * CAP_SYS_PTRACE, and CAP_SYS_ADMIN to tell merged frames; a guest that may not be read is listed as unreadable. Throws
 * `cancelled`.
 */
export async function scanGuests(
  prepared: readonly PreparedScan[],
  sinkOf: (guest: PreparedScan, index: number) => FrameSink,
  scan: Scan,
  remembered: Remembered,
): Promise<ScannedGuests> {
  const scanned = new Set<PreparedScan>()
  const unreadable: Unreadable[] = []
  let hashedPages = 0
  for (const [index, guest] of prepared.entries()) {
    try {
      hashedPages += await scanRam(guest.scan, sinkOf(guest, index), { ...scan, ...remembered })
      await requireAlive(scan.root, guest.guest, guest.startTime)
      scanned.add(guest)
    } catch (error) {
      if (scan.signal.aborted) throw error
      unreadable.push(describeUnreadable(guest.guest, error))
    }
  }
  return { scanned, hashedPages, unreadable }
}

/**
 * Begins a scan of merged frames: those of the scan before (`frames`) are kept within one pass of ksmd. `guests`: how many
 * to tell apart. Needs no privilege. Where this kernel has no KSM nothing is kept.
 */
export async function beginFrames(
  root: KernelRoot,
  frames = new MergedFrames(),
  guests = 0,
): Promise<MergedFrames> {
  frames.beginScan(await readKsmdPass(root), guests)
  return frames
}
