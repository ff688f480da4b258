// Memory of other processes, and of mappings that fail when touched.
import type { ByteRange } from './byte-range.ts'
import { addressOf, libc, succeed } from './libc.ts'
import type { Buffered } from './mappings.ts'
import { errnoOf } from './system-error.ts'
import { watchedRead } from './watched-read.ts'

/** Address and length pairs of process_vm_readv(2), filled in place so that a scan allocates nothing. */
export class IoVector {
  readonly #words: BigUint64Array
  readonly #halves: Uint32Array
  count = 0
  #end = 0

  constructor(capacity: number) {
    this.#words = new BigUint64Array(capacity * 2)
    this.#halves = new Uint32Array(this.#words.buffer)
  }

  get capacity(): number {
    return this.#words.length / 2
  }

  get data(): BigUint64Array {
    return this.#words
  }

  clear(): void {
    this.count = 0
  }

  addRange(address: number, length: number): void {
    const at = this.count * 4
    // Stores keep the lower 32 bits.
    this.#halves[at] = address
    this.#halves[at + 1] = address / 0x1_0000_0000
    this.#halves[at + 2] = length
    this.#halves[at + 3] = 0
    this.count += 1
    this.#end = address + length
  }

  /** Lengthens the last pair where `address` follows it. */
  addAdjoining(address: number, length: number): void {
    if (this.count === 0 || address !== this.#end) {
      this.addRange(address, length)
      return
    }
    const at = this.count * 4 - 2
    this.#halves[at] = (this.#halves[at] ?? 0) + length
    this.#end += length
  }
}

const oneBuffer = new IoVector(1)

/**
 * Copies memory of another process into `buffer`; returns the bytes copied, less than asked where a page is gone.
 * Faults absent pages in: ask for present ones only. Needs CAP_SYS_PTRACE.
 * Source: process_vm_readv(2).
 */
export function readProcessMemory(pid: number, remote: IoVector, buffer: Buffered): number {
  pointAt(buffer)
  return watchedRead(pid, () => {
    const copied = libc.process_vm_readv(pid, oneBuffer.data, 1, remote.data, remote.count, 0)
    return succeed('process_vm_readv', copied)
  })
}

/**
 * Copies from mappings of this process into `buffer`, without the SIGBUS that touching a truncated file brings:
 * the copy then ends early, or fails with EFAULT. Reading `local` through our own page tables leaves the pages'
 * place in the kernel's LRU alone, which process_vm_readv(2) of ourselves would not.
 * Source: process_vm_writev(2).
 */
export function copyMapped(local: IoVector, buffer: Buffered): number {
  pointAt(buffer)
  const copied = libc.process_vm_writev(process.pid, local.data, local.count, oneBuffer.data, 1, 0)
  return succeed('process_vm_writev', copied)
}

function pointAt(buffer: Buffered): void {
  oneBuffer.clear()
  oneBuffer.addRange(buffer.address, buffer.length)
}

const SYS_PIDFD_OPEN = 434
const SYS_PROCESS_MADVISE = 440
const MADV_COLLAPSE = 25

/** A descriptor of a process, to be closed by the caller; another process never gets it. Source: pidfd_open(2), Linux >= 5.3. */
export function openProcess(pid: number): number {
  return succeed('pidfd_open', libc.syscall(SYS_PIDFD_OPEN, pid, 0, 0, 0, 0, 0))
}

/**
 * Collapses memory of another process into huge pages; returns the bytes done, less than asked where the kernel found
 * no huge page. Merged and zero pages in the range get pages of their own: leave such ranges out. Needs CAP_SYS_PTRACE
 * and CAP_SYS_NICE. Throws EINVAL where the range has changed (and before Linux 6.1), ENOMEM and EAGAIN. Source: process_madvise(2), madvise(2).
 */
export function collapseProcessMemory(pidfd: number, range: ByteRange): number {
  oneBuffer.clear()
  oneBuffer.addRange(range.start, range.length)
  return adviseCollapse(pidfd, 1)
}

/**
 * Whether this kernel collapses memory of another process (Linux >= 6.1), by asking it to collapse nothing. Needs the same
 * rights. Throws ESRCH where the process has ended. Source: process_madvise(2).
 */
export function canCollapseProcessMemory(pidfd: number): boolean {
  try {
    adviseCollapse(pidfd, 0)
    return true
  } catch (error) {
    if (errnoOf(error) === 'EINVAL' || errnoOf(error) === 'ENOSYS') return false
    throw error
  }
}

/** Of the first `ranges` of `oneBuffer`. */
function adviseCollapse(pidfd: number, ranges: 0 | 1): number {
  const vector = addressOf(oneBuffer.data)
  const done = libc.syscall(SYS_PROCESS_MADVISE, pidfd, vector, ranges, MADV_COLLAPSE, 0, 0)
  return succeed('process_madvise', done)
}
