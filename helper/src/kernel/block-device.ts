// /sys/dev/block/<major>:<minor>: size of a block device.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { KernelRoot } from './kernel-root.ts'
import { systemProblem } from './system-error.ts'

const SECTOR_BYTES = 512

export async function readBlockDeviceSize(root: KernelRoot, device: number): Promise<number> {
  const number = `${deviceMajor(device)}:${deviceMinor(device)}`
  try {
    const sectors = await readFile(join(root.sys, 'dev/block', number, 'size'), 'utf8')
    return Number(sectors) * SECTOR_BYTES
  } catch (error) {
    throw systemProblem(error, `read the size of block device ${number}`)
  }
}

// Layout of st_rdev as glibc and musl have it.
export function deviceMajor(device: number): number {
  const high = Math.floor(device / 2 ** 32)
  return ((device >>> 8) & 0xfff) | (high & ~0xfff)
}

export function deviceMinor(device: number): number {
  const high = Math.floor(device / 2 ** 12) & ~0xff
  return (device & 0xff) | (high >>> 0)
}
