// /sys/dev/block/<major>:<minor>: size of a block device.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { KernelRoot } from './kernel-root.ts'
import { systemProblem } from './system-error.ts'

const sectorBytes = 512

/** `device`: `major:minor`. */
export function readBlockDeviceSize(root: KernelRoot, device: string): number {
  try {
    return Number(readFileSync(join(root.sys, 'dev/block', device, 'size'), 'utf8')) * sectorBytes
  } catch (error) {
    throw systemProblem(error, `read the size of block device ${device}`)
  }
}
