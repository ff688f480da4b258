// Counts the resident pages of an open image: by cachestat(2), or where there is none by walking mincore(2).

import type { ResidencyCounter } from '../history/sample-images.ts'
import { mapFileWindow, measureResidency, pageSize, readCacheStat, unmap } from '../kernel/libc.ts'
import { errnoOf } from '../kernel/system-error.ts'

const WINDOW_BYTES = 256 * 2 ** 20

export function residencyCounter(): ResidencyCounter {
  return hasCacheStat() ? { cheap: true, count: countByKernel } : { cheap: false, count: countByWalk }
}

/** By trying: a bad descriptor is EBADF where the call exists, ENOSYS (or EPERM under seccomp) where it does not. */
function hasCacheStat(): boolean {
  try {
    readCacheStat(-1, { start: 0, length: 0 })
    return true
  } catch (error) {
    if (errnoOf(error) === 'EBADF') return true
    if (errnoOf(error) === undefined) throw error
    return false
  }
}

function countByKernel(fd: number, sizeBytes: number) {
  const { cachedPages, dirtyPages, writebackPages } = readCacheStat(fd, { start: 0, length: sizeBytes })
  return { residentBytes: cachedPages * pageSize, dirtyBytes: (dirtyPages + writebackPages) * pageSize }
}

function countByWalk(fd: number, sizeBytes: number) {
  let residentPages = 0
  const residency = new Uint8Array(WINDOW_BYTES / pageSize)
  for (let start = 0; start < sizeBytes; start += WINDOW_BYTES) {
    const length = Math.min(WINDOW_BYTES, sizeBytes - start)
    const mapped = mapFileWindow(fd, { start, length })
    try {
      measureResidency(mapped, residency)
    } finally {
      unmap(mapped)
    }
    const pages = Math.ceil(length / pageSize)
    for (let page = 0; page < pages; page += 1) residentPages += (residency[page] ?? 0) & 1
  }
  return { residentBytes: residentPages * pageSize }
}
