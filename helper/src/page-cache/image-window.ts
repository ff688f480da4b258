// Residency and content of an image's page cache, window by window, leaving the cache as it is.

import { chunkPages, type PageChunk } from '../identical-pages/scan/page-hash.ts'
import type { ByteRange } from '../kernel/byte-range.ts'
import { type Buffered, mapFileWindow, measureResidency, unmap } from '../kernel/mappings.ts'
import { pageSize } from '../kernel/page-size.ts'
import { copyMapped, IoVector } from '../kernel/process-memory.ts'
import { errnoOf } from '../kernel/system-error.ts'

/** Pages looked at together: 64 MiB. */
export const windowPages = 16_384
// Pages that are read through a mapping count as memory of this process as long as they are mapped.
const mappedBytes = 2 ** 20

/**
 * Writes the residency of a window into `residency`, one byte a page, lowest bit, and returns the number of resident
 * pages. Reads no page. Source: mincore(2), which since Linux 5.2 calls all pages resident of a file that the caller
 * neither owns nor may write, unless the caller is root.
 */
export function measureWindow(fd: number, window: ByteRange, residency: Uint8Array): number {
  withMapped(fd, window, (mapped) => measureResidency(mapped, residency))
  return countResident(residency, Math.ceil(window.length / pageSize))
}

/** Whether any page of a range is resident; the range is a window at most. Source: mincore(2). */
export function isAnyResident(fd: number, range: ByteRange): boolean {
  return measureWindow(fd, range, new Uint8Array(Math.ceil(range.length / pageSize))) > 0
}

function withMapped<T>(fd: number, window: ByteRange, work: (mapped: Buffered) => T): T {
  const mapped = mapFileWindow(fd, window)
  try {
    return work(mapped)
  } finally {
    unmap(mapped)
  }
}

/** Counts pages whose lowest bit is set, among the first `pages` bytes. Pure. */
function countResident(residency: Uint8Array, pages: number): number {
  let resident = 0
  for (let i = 0; i < pages; i += 1) resident += (residency[i] ?? 0) & 1
  return resident
}

/** A page counted from the start of its window, and the two halves of its hash. */
export type OnPage = (page: number, lower: number, upper: number) => void

/** Hashes pages of windows. It owns what is known of each page of the piece at hand. */
export class WindowHasher {
  readonly #chunk: PageChunk
  readonly #residency = new Uint8Array(chunkPages)
  /** Those copied, counted from the start of the piece. */
  readonly #pages = new Uint8Array(chunkPages)
  readonly #local = new IoVector(chunkPages)

  constructor(chunk: PageChunk) {
    this.#chunk = chunk
  }

  /**
   * Hashes the wanted pages of a window (one byte a page, lowest bit), those that are resident. Asks for residency once
   * more right before each chunk of 256 KiB is copied, so that hardly a page can leave in between, to be read back by the
   * copy; MADV_RANDOM limits that to this very page. Reading with RWF_NOWAIT is no way out: it starts readahead for absent
   * pages (tried, Linux 6.18).
   * Returns the pages hashed; where the file was truncated during the copy, the rest counts as absent. Source: mmap(2),
   * mincore(2), process_vm_writev(2).
   */
  hashWanted(fd: number, window: ByteRange, wanted: Uint8Array, onPage: OnPage): number {
    let hashed = 0
    for (let at = 0; at < window.length; at += mappedBytes) {
      const length = Math.min(mappedBytes, window.length - at)
      const first = at / pageSize
      const those = wanted.subarray(first, first + length / pageSize)
      if (countResident(those, those.length) === 0) continue
      const range = { start: window.start + at, length }
      hashed += withMapped(fd, range, (mapped) =>
        this.#hashMapped(mapped, those, (page, lower, upper) => onPage(first + page, lower, upper)),
      )
    }
    return hashed
  }

  #hashMapped(mapped: Buffered, wanted: Uint8Array, onPage: OnPage): number {
    let hashed = 0
    for (let start = 0; start < mapped.length; start += chunkPages * pageSize) {
      const length = Math.min(chunkPages * pageSize, mapped.length - start)
      hashed += this.#hashPiece({ address: mapped.address + start, length }, start / pageSize, wanted, onPage)
    }
    return hashed
  }

  #hashPiece(piece: Buffered, first: number, wanted: Uint8Array, onPage: OnPage): number {
    const count = this.#collect(piece, first, wanted)
    if (count === 0) return 0
    const copied = this.#copyWhatIsThere()
    this.#chunk.measure(copied)
    const { hashes } = this.#chunk
    const pages = this.#pages
    for (let i = 0; i < copied; i += 1)
      onPage(first + (pages[i] as number), hashes[i * 2] as number, hashes[i * 2 + 1] as number)
    return copied
  }

  #collect(piece: Buffered, first: number, wanted: Uint8Array): number {
    const residency = this.#residency
    const pages = this.#pages
    const local = this.#local
    measureResidency(piece, residency)
    local.clear()
    let count = 0
    for (let i = 0; i < piece.length / pageSize; i += 1) {
      if (((residency[i] ?? 0) & (wanted[first + i] ?? 0) & 1) === 0) continue
      pages[count] = i
      count += 1
      local.addAdjoining(piece.address + i * pageSize, pageSize)
    }
    return count
  }

  #copyWhatIsThere(): number {
    try {
      return Math.floor(copyMapped(this.#local, this.#chunk.buffer) / pageSize)
    } catch (error) {
      if (errnoOf(error) === 'EFAULT') return 0
      throw error
    }
  }
}
