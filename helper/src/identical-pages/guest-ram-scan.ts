// Prepares the scan of a guest: finds its RAM and what the kernel tells about it beforehand.
import { join } from 'node:path'
import type { Reason } from '../../../src/shared/contract/quantity.ts'
import { Problem } from '../../../src/shared/problem.ts'
import { explainRam, findRam, sizeOf, toRamMapping } from '../guests/guest-ram.ts'
import type { Guest } from '../guests/guests.ts'
import type { KernelRoot } from '../kernel/kernel-root.ts'
import { readKsmStat } from '../kernel/ksm-stat.ts'
import { readStartTime } from '../kernel/processes.ts'
import { readIfThere } from '../kernel/read-if-there.ts'
import { readSmaps } from '../kernel/smaps.ts'
import type { ScanOptions } from '../pacing/scan-options.ts'
import { PresentPages } from './present-pages.ts'
import type { RamScan } from './scan-ram.ts'

export interface PreparedScan {
  readonly guest: Guest
  /** Tells the process from another that gets its pid later. */
  readonly startTime: string
  readonly scan: RamScan
  readonly ramBytes: number
  readonly presentPages: number
  /** Pages that KSM replaced by the kernel's zero page. */
  readonly ksmZeroPages: number
  readonly why: readonly Reason[]
}

/** Throws `gone`, `not-permitted`, or `not-found` where the process has no RAM (yet). */
export async function prepareScan(guest: Guest, options: ScanOptions): Promise<PreparedScan> {
  const startTime = await requireAlive(options.root, guest, undefined)
  const ram = findRam(await readSmaps(options.root, guest.pid))
  await requireAlive(options.root, guest, startTime)
  if (ram.length === 0) throw new Problem('not-found', `cannot scan guest ${guest.pid}: it has no RAM mapped`)
  const ksmStat = await readKsmStat(options.root, guest.pid)
  const mappings = ram.map(toRamMapping)
  const scan: RamScan = {
    root: options.root,
    pid: guest.pid,
    name: guest.name,
    mappings,
    // Not reported by this kernel: there may be some.
    hasMergedPages: (ksmStat?.mergingPages ?? 1) > 0 || (await isKsmScanning(options.root)),
  }
  return {
    guest,
    startTime,
    scan,
    ramBytes: ram.reduce((sum, mapping) => sum + sizeOf(mapping), 0),
    presentPages: countPresent(scan, options),
    ksmZeroPages: ksmStat?.zeroPages ?? 0,
    why: explainRam(ram),
  }
}

/** Throws `gone`. Maps and memory of a process that has ended read as empty, not as an error. */
export async function requireAlive(
  root: KernelRoot,
  guest: Guest,
  startTime: string | undefined,
): Promise<string> {
  const now = await readStartTime(root, guest.pid)
  if (now !== undefined && now === (startTime ?? now)) return now
  throw new Problem('gone', `cannot scan guest ${guest.name} (pid ${guest.pid}): it has ended`)
}

function countPresent(scan: RamScan, options: ScanOptions): number {
  const present = new PresentPages(options.root, scan.pid, options.presentBy)
  try {
    const runs = scan.mappings.flatMap((mapping) => present.list(mapping.start, mapping.end))
    return runs.reduce((sum, run) => sum + run.pages, 0)
  } finally {
    present.close()
  }
}

async function isKsmScanning(root: KernelRoot): Promise<boolean> {
  return (await readIfThere(join(root.sys, 'kernel/mm/ksm/run')))?.trim() === '1'
}
