// cachestat(2): counts pages of a file in the page cache, without looking at any.
import type { ByteRange } from './byte-range.ts'
import { addressOf, systemCall } from './libc.ts'

export interface CacheStat {
  readonly cachedPages: number
  readonly dirtyPages: number
  readonly writebackPages: number
  readonly evictedPages: number
  readonly recentlyEvictedPages: number
}

// The same on all architectures: the call is newer than the common table of numbers.
const cachestatNumber = 451

/** The arguments and results of one thread's calls. */
class CacheStatArguments {
  // Words by halves: a big integer for each would cost more than the call.
  readonly #range = new Uint32Array(new ArrayBuffer(16))
  readonly #counts = new Uint32Array(new ArrayBuffer(40))
  readonly #rangeAddress = addressOf(this.#range)
  readonly #countsAddress = addressOf(this.#counts)

  ask(fd: number, { start, length }: ByteRange): CacheStat {
    this.#range[0] = start % 0x1_0000_0000
    this.#range[1] = Math.floor(start / 0x1_0000_0000)
    this.#range[2] = length % 0x1_0000_0000
    this.#range[3] = Math.floor(length / 0x1_0000_0000)
    systemCall('cachestat', cachestatNumber, fd, this.#rangeAddress, this.#countsAddress, 0)
    return {
      cachedPages: this.#countAt(0),
      dirtyPages: this.#countAt(1),
      writebackPages: this.#countAt(2),
      evictedPages: this.#countAt(3),
      recentlyEvictedPages: this.#countAt(4),
    }
  }

  #countAt(word: number): number {
    return (this.#counts[2 * word] ?? 0) + (this.#counts[2 * word + 1] ?? 0) * 0x1_0000_0000
  }
}

const callArguments = new CacheStatArguments()

/**
 * Counts a run's pages in the page cache, in microseconds; a length of 0 goes on to the end of the file.
 * On a stacked file system (overlayfs) it answers 0 whatever is cached: the file's pages belong to the file below.
 * Throws ENOSYS before Linux 6.5, EOPNOTSUPP on hugetlbfs, EPERM under some seccomp filters.
 */
export function readCacheStat(fd: number, run: ByteRange): CacheStat {
  return callArguments.ask(fd, run)
}
