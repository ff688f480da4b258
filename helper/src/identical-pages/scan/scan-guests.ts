// Scans the RAM of guests one after the other.
import type { Unreadable } from '../../../../src/shared/contract/quantity.ts'
import type { KernelRoot } from '../../kernel/kernel-root.ts'
import { readKsmdPass } from '../../kernel/read-ksm.ts'
import { MergedFrames } from './merged-frames.ts'
import type { FrameSink } from './page-sink.ts'
import { describeUnreadable, type PreparedScan, requireAlive } from './prepare-guests.ts'
import type { Remembered, Scan } from './scan.ts'
import { scanRam } from './scan-ram.ts'

export interface ScannedGuests {
  /** Scanned to the end. */
  readonly scanned: ReadonlySet<PreparedScan>
  readonly hashedPages: number
  readonly unreadable: Unreadable[]
}

/** What was found of a guest that ends meanwhile stays in its sink. Throws `cancelled`. */
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

/** Begins a scan of merged frames: those of the scan before (`frames`) are kept within one pass of ksmd. `guests`: how many to tell apart. */
export async function beginFrames(
  root: KernelRoot,
  frames = new MergedFrames(),
  guests = 0,
): Promise<MergedFrames> {
  frames.beginScan(await readKsmdPass(root), guests)
  return frames
}
