// The C library, for the system calls that node:fs cannot make. The only file that imports bun:ffi.
import { dlopen, FFIType, type Pointer, ptr, read, toArrayBuffer } from 'bun:ffi'
import { SystemError } from './system-error.ts'

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

export const libc = openLibc()

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
export function errno(): number {
  const location = libc.__errno_location()
  return location === null ? 0 : read.i32(location, 0)
}

/** Throws a SystemError of `errno` where `result` is negative. Must be the very next call after the one it judges. */
export function succeed(call: string, result: number | bigint): number {
  if (result < 0) throw new SystemError(call, errno())
  return Number(result)
}

/**
 * Where an array lies. Only for arrays whose memory stays: large ones, views of a buffer of their own, and those of
 * WebAssembly that cannot grow.
 */
export function addressOf(bytes: Uint8Array | Uint32Array | BigUint64Array): number {
  return ptr(bytes)
}

/** Memory of this process that another thread keeps in place while the view is used. */
export function viewMemory(address: number, length: number): ArrayBuffer {
  return toArrayBuffer(address as Pointer, 0, length)
}

/** Issues an ioctl(2) whose argument is a structure; returns its result. */
export function ioctl(fd: number, request: number, argument: BigUint64Array): number {
  return succeed('ioctl', libc.ioctl(fd, request, argument))
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
