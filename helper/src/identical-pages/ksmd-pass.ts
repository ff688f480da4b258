// Begins a scan of merged frames: those of the last scan are taken over within one pass of ksmd.
import { join } from 'node:path'
import type { KernelRoot } from '../kernel/kernel-root.ts'
import { readIfThere } from '../kernel/read-if-there.ts'
import { MergedFrames } from './merged-frames.ts'

/** `frames`: of the scan before. `guests`: how many to tell apart. */
export async function beginFrames(
  root: KernelRoot,
  frames = new MergedFrames(),
  guests = 0,
): Promise<MergedFrames> {
  // Absent: this kernel has no KSM.
  const passes = await readIfThere(join(root.sys, 'kernel/mm/ksm/full_scans'))
  frames.beginScan(passes?.trim(), guests)
  return frames
}
