// The system calls that node:fs cannot make. The only file that imports bun:ffi.
import { dlopen, FFIType, type Pointer, ptr, read, toArrayBuffer } from 'bun:ffi'
import { MappingStays, SystemError } from './system-error.ts'

const libcNames = ['libc.so.6', `libc.musl-${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}.so.1`]

const signatures = {
  __errno_location: { args: [], returns: 'ptr' },
  process_vm_readv: { args: ['i32', 'ptr', 'u64', 'ptr', 'u64', 'u64'], returns: FFIType.i64_fast },
  process_vm_writev: { args: ['i32', 'ptr', 'u64', 'ptr', 'u64', 'u64'], returns: FFIType.i64_fast },
  ioctl: { args: ['i32', 'u64', 'ptr'], returns: 'i32' },
  mmap: { args: ['u64', 'u64', 'i32', 'i32', 'i32', 'i64'], returns: FFIType.i64_fast },
  munmap: { args: ['u64', 'u64'], returns: 'i32' },
  madvise: { args: ['u64', 'u64', 'i32'], returns: 'i32' },
  mincore: { args: ['u64', 'u64', 'ptr'], returns: 'i32' },
  posix_fadvise: { args: ['i32', 'i64', 'i64', 'i32'], returns: 'i32' },
  sync_file_range: { args: ['i32', 'i64', 'i64', 'u32'], returns: 'i32' },
  syscall: { args: ['i64', 'i64', 'i64', 'i64', 'i64', 'i64', 'i64'], returns: FFIType.i64_fast },
  getpagesize: { args: [], returns: 'i32' },
  sched_setscheduler: { args: ['i32', 'i32', 'ptr'], returns: 'i32' },
} as const

const libc = openLibc()

function openLibc() {
  let failure: unknown
  for (const name of libcNames) {
    try {
      return dlopen(name, signatures).symbols
    } catch (error) {
      failure = error
    }
  }
  throw failure
}

/** Must be the very next call after the one that failed. */
function errno(): number {
  const location = libc.__errno_location()
  return location === null ? 0 : read.i32(location, 0)
}

function succeed(call: string, result: number | bigint): number {
  if (result < 0) throw new SystemError(call, errno())
  return Number(result)
}

export interface ByteRange {
  readonly start: number
  readonly length: number
}

export const pageSize: number = libc.getpagesize()

/** Address and length pairs of process_vm_readv(2), filled in place so that a scan allocates nothing. */
export class IoVector {
  private readonly words: BigUint64Array
  private readonly halves: Uint32Array
  count = 0
  private end = 0

  constructor(capacity: number) {
    this.words = new BigUint64Array(capacity * 2)
    this.halves = new Uint32Array(this.words.buffer)
  }

  get capacity(): number {
    return this.words.length / 2
  }

  get data(): BigUint64Array {
    return this.words
  }

  clear(): void {
    this.count = 0
  }

  add(address: number, length: number): void {
    const at = this.count * 4
    // Stores keep the lower 32 bits.
    this.halves[at] = address
    this.halves[at + 1] = address / 0x1_0000_0000
    this.halves[at + 2] = length
    this.halves[at + 3] = 0
    this.count += 1
    this.end = address + length
  }

  /** Lengthens the last pair where `address` follows it. */
  addAdjoining(address: number, length: number): void {
    if (this.count === 0 || address !== this.end) {
      this.add(address, length)
      return
    }
    const at = this.count * 4 - 2
    this.halves[at] = (this.halves[at] ?? 0) + length
    this.end += length
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
  const copied = libc.process_vm_readv(pid, oneBuffer.data, 1, remote.data, remote.count, 0)
  return succeed('process_vm_readv', copied)
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

/** A buffer with an address that stays: allocated outside the garbage collector's reach by mmap. */
export interface Buffered {
  readonly address: number
  readonly length: number
}

/**
 * Where an array lies. Only for arrays whose memory stays: large ones, views of a buffer of their own, and those of
 * WebAssembly that cannot grow.
 */
export function addressOf(bytes: Uint8Array | Uint32Array | BigUint64Array): number {
  return ptr(bytes)
}

/** Memory of this process that another thread keeps in place meanwhile. */
export function viewMemory(address: number, length: number): ArrayBuffer {
  return toArrayBuffer(address as Pointer, 0, length)
}

function pointAt(buffer: Buffered): void {
  oneBuffer.clear()
  oneBuffer.add(buffer.address, buffer.length)
}

const PROT_READ = 1
const PROT_WRITE = 2
const MAP_SHARED = 1
const MAP_OWN = 0x22 // MAP_PRIVATE | MAP_ANONYMOUS
const MADV_RANDOM = 1
const MADV_DONTNEED = 4
const MADV_HUGEPAGE = 14
const HUGE_PAGE_BYTES = 2 * 2 ** 20
const MADV_MERGEABLE = 12
const MADV_COLLAPSE = 25
const POSIX_FADV_DONTNEED = 4
const POSIX_FADV_NOREUSE = 5
const SYNC_FILE_RANGE_WAIT_BEFORE_WRITE_AND_AFTER = 7
const SCHED_OTHER = 0
const SCHED_IDLE = 5

/** Memory of our own that never moves. `release` it: nothing may look at `bytes` afterwards. */
export class PinnedBuffer implements Buffered {
  readonly address: number
  readonly length: number
  readonly bytes: Uint8Array

  constructor(length: number) {
    this.length = length
    this.address = succeed('mmap', libc.mmap(0, length, PROT_READ | PROT_WRITE, MAP_OWN, -1, 0))
    this.bytes = new Uint8Array(toArrayBuffer(this.address as Pointer, 0, length))
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
  private readonly whole: Buffered

  constructor(length: number) {
    this.length = Math.ceil(length / HUGE_PAGE_BYTES) * HUGE_PAGE_BYTES
    const wholeLength = this.length + HUGE_PAGE_BYTES
    const start = succeed('mmap', libc.mmap(0, wholeLength, PROT_READ | PROT_WRITE, MAP_OWN, -1, 0))
    this.whole = { address: start, length: wholeLength }
    this.address = Math.ceil(start / HUGE_PAGE_BYTES) * HUGE_PAGE_BYTES
    // Fails where the kernel has no huge pages: then small ones do.
    libc.madvise(this.address, this.length, MADV_HUGEPAGE)
    this.bytes = new Uint8Array(toArrayBuffer(this.address as Pointer, 0, length))
  }

  release(): void {
    unmap(this.whole)
  }
}

/** Maps a window of a file for reading, told that readahead is not wanted; touches nothing. */
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

/** Throws MappingStays, for example of reserved huge pages, which have another length than was asked for. */
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

/** Issues an ioctl(2) whose argument is a structure; returns its result. */
export function ioctl(fd: number, request: number, argument: BigUint64Array): number {
  return succeed('ioctl', libc.ioctl(fd, request, argument))
}

/**
 * Asks the kernel to evict the clean, unmapped pages of one run.
 * Dirty and locked pages stay (write-back of dirty ones starts), and success promises nothing: measure again.
 * Source: posix_fadvise(2).
 */
export function adviseDontNeed(fd: number, run: ByteRange): void {
  advise(fd, run, POSIX_FADV_DONTNEED)
}

/** Keeps accesses through mappings of `fd` from promoting pages (Linux >= 6.3; before it changes nothing). */
export function adviseNoReuse(fd: number): void {
  advise(fd, { start: 0, length: 0 }, POSIX_FADV_NOREUSE)
}

function advise(fd: number, run: ByteRange, advice: number): void {
  // Returns the error number and leaves errno alone.
  const failure = libc.posix_fadvise(fd, run.start, run.length, advice)
  if (failure !== 0) throw new SystemError('posix_fadvise', failure)
}

/** Writes the dirty pages of a run back and waits for it. Source: sync_file_range(2). */
export function syncFileRange(fd: number, run: ByteRange): void {
  const flags = SYNC_FILE_RANGE_WAIT_BEFORE_WRITE_AND_AFTER
  succeed('sync_file_range', libc.sync_file_range(fd, run.start, run.length, flags))
}

/**
 * Makes a system call that the C library has no function for, or none in its older versions. Arguments are numbers:
 * of an array give `addressOf` it. Numbers of calls differ between architectures: see `systemCallNumber`.
 */
export function systemCall(call: string, number: number, ...args: readonly number[]): number {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = args
  return succeed(call, libc.syscall(number, a, b, c, d, e, f))
}

/** Of x86-64 or of arm64, whichever this is. */
export function systemCallNumber(x64: number, arm64: number): number {
  return process.arch === 'arm64' ? arm64 : x64
}

const SYS_PIDFD_OPEN = 434
const SYS_PROCESS_MADVISE = 440

/** A descriptor of a process, to be closed by the caller; another process never gets it. Source: pidfd_open(2), Linux >= 5.3. */
export function openProcess(pid: number): number {
  return succeed('pidfd_open', libc.syscall(SYS_PIDFD_OPEN, pid, 0, 0, 0, 0, 0))
}

/**
 * Collapses memory of another process into huge pages; returns the bytes done, less than asked where the kernel found
 * no huge page. Merged and zero pages in the range get pages of their own: leave such ranges out. Needs CAP_SYS_PTRACE
 * and CAP_SYS_NICE. Throws EINVAL (also before Linux 6.1), ENOMEM and EAGAIN. Source: process_madvise(2), madvise(2).
 */
export function collapseProcessMemory(pidfd: number, range: ByteRange): number {
  oneBuffer.clear()
  oneBuffer.add(range.start, range.length)
  const vector = ptr(oneBuffer.data)
  const done = libc.syscall(SYS_PROCESS_MADVISE, pidfd, vector, 1, MADV_COLLAPSE, 0, 0)
  return succeed('process_madvise', done)
}

/** Lets KSM look at a buffer of this process. Throws EINVAL on a kernel without KSM. Source: madvise(2). */
export function offerToKsm({ address, length }: Buffered): void {
  succeed('madvise', libc.madvise(address, length, MADV_MERGEABLE))
}

const schedulingParameters = new Int32Array(1)

/** Lets the calling thread run only where nobody else wants to, or as any other again. Source: sched_setscheduler(2). */
export function setIdlePriority(idle: boolean): void {
  const policy = idle ? SCHED_IDLE : SCHED_OTHER
  succeed('sched_setscheduler', libc.sched_setscheduler(0, policy, schedulingParameters))
}
