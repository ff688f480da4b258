// What the kernel is told about the cached pages of an open file.
import type { ByteRange } from './byte-range.ts'
import { libc, succeed } from './libc.ts'
import { SystemError } from './system-error.ts'

const POSIX_FADV_WILLNEED = 3
const POSIX_FADV_DONTNEED = 4
const POSIX_FADV_NOREUSE = 5
const SYNC_FILE_RANGE_WRITE_AND_WAIT = 7

/**
 * Asks the kernel to evict the clean, unmapped pages of one run.
 * Dirty and locked pages stay (write-back of dirty ones starts), and success promises nothing: measure again.
 * Source: posix_fadvise(2).
 */
export function adviseDontNeed(fd: number, run: ByteRange): void {
  advise(fd, run, POSIX_FADV_DONTNEED)
}

/** Starts reading a run into the page cache and does not wait for it. Source: posix_fadvise(2). */
export function adviseWillNeed(fd: number, run: ByteRange): void {
  advise(fd, run, POSIX_FADV_WILLNEED)
}

/** Keeps accesses through mappings of `fd` from promoting pages (Linux >= 6.3; before it changes nothing). Source: posix_fadvise(2). */
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
  const flags = SYNC_FILE_RANGE_WRITE_AND_WAIT
  succeed('sync_file_range', libc.sync_file_range(fd, run.start, run.length, flags))
}
