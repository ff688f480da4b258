// A page of a file, read without changing what the page cache holds of it.
import { closeSync, constants, readSync } from 'node:fs'
import { mapFileWindow, measureResidency, PinnedBuffer, unmap } from '../kernel/mappings.ts'
import { pageSize } from '../kernel/page-size.ts'
import { copyMapped, IoVector } from '../kernel/process-memory.ts'
import { errnoOf, systemProblem } from '../kernel/system-error.ts'

/** Opens the file for reading, with further open flags. */
export type OpenFile = (flags?: number) => number

/** The page at a multiple of its size; shorter, or empty, where the file ends. `held`: a descriptor of it that is open already. */
export function readPage(open: OpenFile, offset: number, held?: number): Uint8Array {
  const buffer = new PinnedBuffer(pageSize)
  try {
    const length = readIfResident(open, offset, buffer, held) ?? readPastCache(open, offset, buffer)
    return buffer.bytes.slice(0, length)
  } catch (error) {
    throw systemProblem(error, `read its page at ${offset}`)
  } finally {
    buffer.release()
  }
}

function readIfResident(
  open: OpenFile,
  offset: number,
  buffer: PinnedBuffer,
  held: number | undefined,
): number | undefined {
  const fd = held ?? open()
  try {
    return readResident(fd, offset, buffer)
  } finally {
    if (held === undefined) closeSync(fd)
  }
}

function readResident(fd: number, offset: number, buffer: PinnedBuffer): number | undefined {
  const mapped = mapFileWindow(fd, { start: offset, length: pageSize })
  try {
    const residency = new Uint8Array(1)
    measureResidency(mapped, residency)
    if (((residency[0] ?? 0) & 1) === 0) return undefined
    const local = new IoVector(1)
    local.addRange(mapped.address, pageSize)
    return copyMapped(local, buffer)
  } finally {
    unmap(mapped)
  }
}

function readPastCache(open: OpenFile, offset: number, buffer: PinnedBuffer): number {
  const fd = openUncached(open)
  try {
    return readSync(fd, buffer.bytes, 0, pageSize, offset)
  } finally {
    closeSync(fd)
  }
}

function openUncached(open: OpenFile): number {
  try {
    return open(constants.O_DIRECT)
  } catch (error) {
    // File systems without O_DIRECT keep their files in memory.
    if (errnoOf(error) === 'EINVAL') return open()
    throw error
  }
}
