// /proc/<pid>/pagemap: eight bytes a page, read as pairs of 32-bit words, signed or not.
import { openSync } from 'node:fs'
import { type KernelRoot, processPath } from './kernel-root.ts'
import { processProblem } from './system-error.ts'
import { watchedRead } from './watched-read.ts'

export const pagemapEntryBytes = 8

/** For reading; the caller closes it. Needs the right to trace the process. Throws `gone`, `not-permitted`. */
export function openPageMap(root: KernelRoot, pid: number): number {
  try {
    return watchedRead(pid, () => openSync(processPath(root, pid, 'pagemap'), 'r'))
  } catch (error) {
    throw processProblem(error, `read the page map of process ${pid}`)
  }
}

// Bits of the upper word.
const presentBit = 0x8000_0000
const fileOrSharedBit = 0x2000_0000
const exclusiveBit = 0x0100_0000
const frameUpperBits = 0x007f_ffff

/** Whether the page is in RAM, by the upper word of its page-map entry. Needs no privilege. */
export function isPresent(upper: number): boolean {
  return (upper & presentBit) !== 0
}

/** Whether the page is of a file or shared memory, by the upper word of its page-map entry. Needs no privilege. */
export function isFilePage(upper: number): boolean {
  return (upper & fileOrSharedBit) !== 0
}

/** Mapped by this process only, as far as the kernel knows: no merged page with two sites is. */
export function isExclusive(upper: number): boolean {
  return (upper & exclusiveBit) !== 0
}

/** Present and mapped more than once, as far as the kernel knows, in a frame below 16 TiB: the lower word is its number. */
export function isNearShared(upper: number): boolean {
  return (upper & (presentBit | exclusiveBit | frameUpperBits)) === (presentBit | 0)
}

/** Page frame number; 0 without CAP_SYS_ADMIN. */
export function frameNumber(lower: number, upper: number): number {
  return (lower >>> 0) + (upper & frameUpperBits) * 0x1_0000_0000
}
