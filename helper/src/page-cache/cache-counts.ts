// What the kernel counts of an image's page cache, as far as it can be believed.

import type { ByteRange } from '../kernel/byte-range.ts'
import { type CacheStat, readCacheStat } from '../kernel/cachestat.ts'
import { pageSize } from '../kernel/page-size.ts'
import { errnoOf } from '../kernel/system-error.ts'
import { isAnyResident, windowPages } from './image-window.ts'

/** Of an empty range, which the call would take for the whole file. */
const nothingCached: CacheStat = {
  cachedPages: 0,
  dirtyPages: 0,
  writebackPages: 0,
  evictedPages: 0,
  recentlyEvictedPages: 0,
}

/** Devices whose counts were compared with mincore(2). */
class DeviceVerdicts {
  readonly #verdicts = new Map<string, 'believed' | 'refuted'>()

  verdictOn(device: string): 'believed' | 'refuted' | undefined {
    return this.#verdicts.get(device)
  }

  noteVerdict(device: string, verdict: 'believed' | 'refuted'): void {
    // Containers bring a device each; what is forgotten is found again.
    if (this.#verdicts.size >= 4096) this.#verdicts.clear()
    this.#verdicts.set(device, verdict)
  }
}

const verdicts = new DeviceVerdicts()

/**
 * Counts by cachestat(2). On a stacked file system (overlayfs) the call answers 0 and 0 whatever is cached and dirty, so
 * 0 is believed only of a device that has counted pages before, or where mincore(2) finds none either.
 */
export class CacheCounts {
  readonly #fd: number
  readonly #device: string
  #isSupported = true

  /** `device` is that of the file system, or the block device itself: the verdict is the same for all its files. */
  constructor(fd: number, device: string) {
    this.#fd = fd
    this.#device = device
  }

  /** The kernel counts, and its counts leave pages out: it is not known which pages are dirty. */
  get areRefuted(): boolean {
    return this.#isSupported && verdicts.verdictOn(this.#device) === 'refuted'
  }

  /**
   * undefined: not known, since this kernel does not count (before Linux 6.5, or forbidden), or counts wrongly here, or
   * says 0 of more than a window and nothing has shown yet whether it counts here.
   */
  countPages(range: ByteRange): CacheStat | undefined {
    if (range.length === 0) return nothingCached
    if (verdicts.verdictOn(this.#device) === 'refuted') return undefined
    const counts = this.#ask(range)
    if (counts === undefined || verdicts.verdictOn(this.#device) === 'believed') return counts
    if (counts.cachedPages > 0) {
      verdicts.noteVerdict(this.#device, 'believed')
      return counts
    }
    if (range.length > windowPages * pageSize) return undefined
    return isAnyResident(this.#fd, range) ? this.compareWithResident(range) : counts
  }

  /**
   * After mincore(2) has found resident pages in a range: does the kernel count any there?
   * undefined: it does not, so that its counts of this file system are not believed.
   */
  compareWithResident(range: ByteRange): CacheStat | undefined {
    const counts = this.#ask(range)
    if (counts === undefined) return undefined
    verdicts.noteVerdict(this.#device, counts.cachedPages > 0 ? 'believed' : 'refuted')
    return counts.cachedPages > 0 ? counts : undefined
  }

  #ask(range: ByteRange): CacheStat | undefined {
    if (!this.#isSupported) return undefined
    try {
      return readCacheStat(this.#fd, range)
    } catch (error) {
      // EPERM: seccomp, or Linux >= 6.14 where the file is another user's.
      if (!['ENOSYS', 'EOPNOTSUPP', 'EPERM'].includes(errnoOf(error) ?? '')) throw error
      this.#isSupported = false
      return undefined
    }
  }
}
