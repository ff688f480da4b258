// Evicts chosen clean pages of one window of an image.
import type { ByteRange } from '../kernel/byte-range.ts'
import { adviseDontNeed, syncFileRange } from '../kernel/file-advice.ts'
import { pageSize } from '../kernel/page-size.ts'
import { countUnwritten, findWritten, joinRanges } from './dirty.ts'
import { measureWindow } from './image-window.ts'
import type { OpenImage } from './open-image.ts'

export interface ChosenPages {
  /** Whether a resident page, counted from the start of the window, may go. */
  readonly choose: (page: number) => boolean
  /** At most this many. */
  readonly limit: number
  /** Write dirty pages back first; without it they are not offered, as the advice would start their write-back. */
  readonly flush: boolean
}

/**
 * `residency` has the residency after the eviction, one byte a page. Returns the pages that went. Needs root, as the image
 * is its guest's (see `measureWindow`). Source: posix_fadvise(2), sync_file_range(2).
 */
export function evictPages(
  open: OpenImage,
  window: ByteRange,
  chosen: ChosenPages,
  residency: Uint8Array,
): number {
  const before = measureWindow(open.fd, window, residency)
  const runs = listChosen(window, chosen, residency)
  if (runs.length === 0) return 0
  if (chosen.flush && countUnwritten(open, window) !== 0) syncFileRange(open.fd, window)
  for (const run of runs) evictRun(open, run)
  return Math.max(0, before - measureWindow(open.fd, window, residency))
}

/**
 * Evicts the clean pages of a run; dirty ones are not offered, as the advice would start their write-back. Promises
 * nothing: measure again. Source: posix_fadvise(2).
 */
export function evictRun(open: OpenImage, run: ByteRange): void {
  for (const part of findWritten(open, run)) adviseDontNeed(open.fd, part)
}

function listChosen(window: ByteRange, chosen: ChosenPages, residency: Uint8Array): ByteRange[] {
  const runs: ByteRange[] = []
  const pages = window.length / pageSize
  let left = chosen.limit
  for (let page = 0; page < pages && left > 0; page += 1) {
    if (((residency[page] ?? 0) & 1) === 0 || !chosen.choose(page)) continue
    runs.push({ start: window.start + page * pageSize, length: pageSize })
    left -= 1
  }
  return joinRanges(runs)
}
