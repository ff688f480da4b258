// The first page of a file, read without changing what the page cache holds of it.
import { closeSync, constants, openSync, readSync } from 'node:fs'
import {
  copyMapped,
  IoVector,
  mapFileWindow,
  measureResidency,
  PinnedBuffer,
  pageSize,
  unmap,
} from '../libc.ts'
import { errnoOf, systemProblem } from '../system-error.ts'

/** Shorter than a page, or empty, where the file is. */
export function readHead(path: string): Uint8Array {
  const buffer = new PinnedBuffer(pageSize)
  try {
    const length = readResident(path, buffer) ?? readPastCache(path, buffer)
    return buffer.bytes.slice(0, length)
  } catch (error) {
    throw systemProblem(error, `read the first page of ${path}`)
  } finally {
    buffer.release()
  }
}

function readResident(path: string, buffer: PinnedBuffer): number | undefined {
  const fd = openSync(path, 'r')
  try {
    const mapped = mapFileWindow(fd, { start: 0, length: pageSize })
    try {
      const residency = new Uint8Array(1)
      measureResidency(mapped, residency)
      if (((residency[0] ?? 0) & 1) === 0) return undefined
      const local = new IoVector(1)
      local.add(mapped.address, pageSize)
      return copyMapped(local, buffer)
    } finally {
      unmap(mapped)
    }
  } finally {
    closeSync(fd)
  }
}

function readPastCache(path: string, buffer: PinnedBuffer): number {
  const fd = openUncached(path)
  try {
    return readSync(fd, buffer.bytes, 0, pageSize, 0)
  } finally {
    closeSync(fd)
  }
}

function openUncached(path: string): number {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_DIRECT)
  } catch (error) {
    // File systems without O_DIRECT keep their files in memory.
    if (errnoOf(error) === 'EINVAL') return openSync(path, constants.O_RDONLY)
    throw error
  }
}
