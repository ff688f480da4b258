// Begins a scan of merged frames: those of the last scan are taken over within one pass of ksmd.
import { join } from 'node:path'
import { readIfThere } from '../kernel/read-if-there.ts'
import type { ScanOptions } from '../pacing/scan-options.ts'
import { MergedFrames } from './merged-frames.ts'

/** `guests`: how many to tell apart. */
export async function beginFrames(options: ScanOptions, guests = 0): Promise<MergedFrames> {
  const frames = options.mergedFrames ?? new MergedFrames()
  // Absent: this kernel has no KSM.
  const passes = await readIfThere(join(options.root.sys, 'kernel/mm/ksm/full_scans'))
  frames.beginScan(passes?.trim(), guests)
  return frames
}
