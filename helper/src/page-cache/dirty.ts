// Dirty pages of an image: counted, and told apart by halving, since cachestat takes a microsecond a range.
import { type ByteRange, pageSize, readCacheStat } from '../kernel/libc.ts'
import { errnoOf } from '../kernel/system-error.ts'

/** Pages not yet on storage: dirty or under write-back. undefined: this kernel does not count them (before 6.5). */
export function countUnwritten(fd: number, range: ByteRange): number | undefined {
  try {
    const counts = readCacheStat(fd, range)
    return counts.dirtyPages + counts.writebackPages
  } catch (error) {
    if (errnoOf(error) === 'ENOSYS' || errnoOf(error) === 'EOPNOTSUPP') return undefined
    throw error
  }
}

/** The written parts of a range, in order. The whole range where the kernel does not tell. */
export function findWritten(fd: number, range: ByteRange): ByteRange[] {
  const unwritten = countUnwritten(fd, range)
  if (unwritten === undefined || unwritten === 0) return [range]
  if (range.length <= pageSize) return []
  const half = Math.floor(range.length / pageSize / 2) * pageSize
  const first = findWritten(fd, { start: range.start, length: half })
  const second = findWritten(fd, { start: range.start + half, length: range.length - half })
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
