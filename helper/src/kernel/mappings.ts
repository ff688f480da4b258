// Memory of this process that is mapped and given back by hand.
import type { ByteRange } from './byte-range.ts'
import { errno, libc, succeed, viewMemory } from './libc.ts'
import { MappingStays } from './system-error.ts'

const PROT_READ = 1
const PROT_WRITE = 2
const MAP_SHARED = 1
const MAP_PRIVATE = 2
const MAP_ANONYMOUS = 0x20
const MADV_RANDOM = 1
const MADV_DONTNEED = 4
const MADV_HUGEPAGE = 14
const MADV_MERGEABLE = 12

/** Of x86-64, and of arm64 with pages of 4 KiB. */
export const hugePageBytes = 2 * 2 ** 20

/** A buffer with an address that stays: allocated outside the garbage collector's reach by mmap. */
export interface Buffered {
  readonly address: number
  readonly length: number
}

/** Memory of our own that never moves. `release` it: nothing may look at `bytes` afterwards. */
export class PinnedBuffer implements Buffered {
  readonly address: number
  readonly length: number
  readonly bytes: Uint8Array

  constructor(length: number) {
    this.length = length
    this.address = succeed(
      'mmap',
      libc.mmap(0, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
    )
    this.bytes = new Uint8Array(viewMemory(this.address, length))
  }

  release(): void {
    unmap({ address: this.address, length: this.length })
  }
}

/**
 * Zeroed memory as a PinnedBuffer is, in huge pages where the kernel has them: one page fault for 2 MiB, which counts
 * where a virtual machine pays microseconds for each.
 */
export class HugeBuffer implements Buffered {
  readonly address: number
  readonly length: number
  readonly bytes: Uint8Array
  readonly #whole: Buffered

  constructor(length: number) {
    this.length = Math.ceil(length / hugePageBytes) * hugePageBytes
    const wholeLength = this.length + hugePageBytes
    const start = succeed(
      'mmap',
      libc.mmap(0, wholeLength, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
    )
    this.#whole = { address: start, length: wholeLength }
    this.address = Math.ceil(start / hugePageBytes) * hugePageBytes
    // Fails where the kernel has no huge pages: then small ones do.
    libc.madvise(this.address, this.length, MADV_HUGEPAGE)
    this.bytes = new Uint8Array(viewMemory(this.address, length))
  }

  release(): void {
    unmap(this.#whole)
  }
}

/** Lends a page of anonymous shared memory. Source: mmap(2). */
export function withSharedPage<T>(work: (page: Buffered) => T): T {
  const length = 4096
  const address = succeed('mmap', libc.mmap(0, length, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0))
  try {
    return work({ address, length })
  } finally {
    unmap({ address, length })
  }
}

/** Maps a window of a file for reading, told that readahead is not wanted; touches nothing. Source: mmap(2). */
export function mapFileWindow(fd: number, window: ByteRange): Buffered {
  const address = succeed('mmap', libc.mmap(0, window.length, PROT_READ, MAP_SHARED, fd, window.start))
  const mapped = { address, length: window.length }
  try {
    // Without it, touching pages triggers readahead, and unmapping marks them as recently used.
    succeed('madvise', libc.madvise(address, window.length, MADV_RANDOM))
  } catch (error) {
    unmap(mapped)
    throw error
  }
  return mapped
}

/** Throws MappingStays, for example of reserved huge pages, which have another length than was asked for. Source: munmap(2). */
export function unmap(mapped: Buffered): void {
  if (libc.munmap(mapped.address, mapped.length) !== 0) throw new MappingStays(errno())
}

/** Ends this process's view of clean file pages, which come back from the page cache once touched. Source: madvise(2). */
export function dropView({ start, length }: ByteRange): void {
  // Fails where memory is locked: then the view stays.
  libc.madvise(start, length, MADV_DONTNEED)
}

/** One byte a page into `residency`: its lowest bit says whether the page is resident. Source: mincore(2). */
export function measureResidency(mapped: Buffered, residency: Uint8Array): void {
  succeed('mincore', libc.mincore(mapped.address, mapped.length, residency))
}

/** Lets KSM merge a buffer of this process. Throws EINVAL on a kernel without KSM. Source: madvise(2). */
export function offerToKsm({ address, length }: Buffered): void {
  succeed('madvise', libc.madvise(address, length, MADV_MERGEABLE))
}
