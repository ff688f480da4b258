// Dirty pages of an image: counted, and found by halving, since cachestat takes a microsecond a range.
import type { ByteRange } from '../kernel/byte-range.ts'
import { pageSize } from '../kernel/page-size.ts'
import type { OpenImage } from './open-image.ts'

/** Pages not yet on storage: dirty or under write-back. undefined: the kernel does not tell. */
export function countUnwritten({ counts }: OpenImage, range: ByteRange): number | undefined {
  const counted = counts.countPages(range)
  return counted === undefined ? undefined : counted.dirtyPages + counted.writebackPages
}

/**
 * The parts of a range that may be offered for eviction: clean ones, in order. The whole range where this kernel counts
 * nothing (before 6.5); nothing where it counts wrongly, so that all may be dirty.
 */
export function findWritten(open: OpenImage, range: ByteRange): ByteRange[] {
  const unwritten = countUnwritten(open, range)
  if (open.counts.areRefuted) return []
  if (unwritten === undefined || unwritten === 0) return [range]
  if (range.length <= pageSize) return []
  const half = Math.floor(range.length / pageSize / 2) * pageSize
  const first = findWritten(open, { start: range.start, length: half })
  const second = findWritten(open, { start: range.start + half, length: range.length - half })
  return joinRanges([...first, ...second])
}

/** Adjoining ranges become one. */
export function joinRanges(ranges: readonly ByteRange[]): ByteRange[] {
  const joined: ByteRange[] = []
  for (const range of ranges) {
    const last = joined.at(-1)
    if (last !== undefined && last.start + last.length === range.start) {
      joined[joined.length - 1] = { start: last.start, length: last.length + range.length }
    } else {
      joined.push(range)
    }
  }
  return joined
}
