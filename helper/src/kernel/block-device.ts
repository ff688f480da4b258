// /sys/dev/block/<major>:<minor>: size and generation of a block device.
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

/**
 * How many disks the kernel had seen before this one: tells it from another that gets its number later. Of a partition
 * it is its disk's. undefined before Linux 5.15.
 */
export function readDiskSequence(root: KernelRoot, device: string): string | undefined {
  const folder = join(root.sys, 'dev/block', device)
  for (const path of [join(folder, 'diskseq'), join(folder, '..', 'diskseq')]) {
    try {
      return readFileSync(path, 'utf8').trim()
    } catch {
      // A partition has it on its disk; kernels before 5.15 nowhere.
    }
  }
  return undefined
}
