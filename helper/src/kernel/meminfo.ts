// /proc/meminfo
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Problem } from '../../../src/shared/problem.ts'
import type { KernelRoot } from './kernel-root.ts'

export interface Meminfo {
  readonly memTotalBytes: number
  readonly memAvailableBytes: number
  readonly memFreeBytes: number
  readonly cachedBytes: number
  readonly dirtyBytes: number
  readonly swapTotalBytes: number
  readonly swapFreeBytes: number
  readonly anonBytes: number
  /** Absent: a kernel without transparent huge pages. */
  readonly anonHugeBytes?: number
  /** Committed_AS and CommitLimit: what was promised to all processes, and what may be under strict accounting. */
  readonly committedBytes?: number
  readonly commitLimitBytes?: number
}

/**
 * Source: /proc/meminfo, kB turned into bytes. Throws `not-supported` where a field is missing that all kernels have.
 */
export async function readMeminfo(root: KernelRoot): Promise<Meminfo> {
  return parseMeminfo(readFileSync(join(root.proc, 'meminfo'), 'utf8'))
}

/** As `readMeminfo`. Pure. */
export function parseMeminfo(text: string): Meminfo {
  const bytesOf = (field: string) => {
    const match = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(text)
    if (match === null) throw new Problem('not-supported', `cannot read meminfo: it has no ${field}`)
    return Number(match[1]) * 1024
  }
  const has = (field: string) => new RegExp(`^${field}:`, 'm').test(text)
  return {
    memTotalBytes: bytesOf('MemTotal'),
    memAvailableBytes: bytesOf('MemAvailable'),
    memFreeBytes: bytesOf('MemFree'),
    cachedBytes: bytesOf('Cached'),
    dirtyBytes: bytesOf('Dirty'),
    swapTotalBytes: bytesOf('SwapTotal'),
    swapFreeBytes: bytesOf('SwapFree'),
    anonBytes: bytesOf('AnonPages'),
    ...(has('AnonHugePages') && { anonHugeBytes: bytesOf('AnonHugePages') }),
    ...(has('Committed_AS') && { committedBytes: bytesOf('Committed_AS') }),
    ...(has('CommitLimit') && { commitLimitBytes: bytesOf('CommitLimit') }),
  }
}
