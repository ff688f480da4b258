// Begins a scan of merged frames: those of the last scan are taken over within one pass of ksmd.
import { join } from 'node:path'
import { readIfThere } from '../read-if-there.ts'
import type { ScanOptions } from '../scan-options.ts'
import { MergedFrames } from './merged-frames.ts'

export async function beginFrames(options: ScanOptions): Promise<MergedFrames> {
  const frames = options.mergedFrames ?? new MergedFrames()
  // Absent: this kernel has no KSM.
  const passes = await readIfThere(join(options.root.sys, 'kernel/mm/ksm/full_scans'))
  frames.beginScan(passes?.trim())
  return frames
}
