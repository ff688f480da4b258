import { describe, expect, it } from 'vitest'
import type { ByteRange } from '../kernel/byte-range.ts'
import { findWritten, joinRanges } from './dirty.ts'
import type { OpenImage } from './open-image.ts'

const page = 4096
const pages = (start: number, count: number): ByteRange => ({ start: start * page, length: count * page })

/** Of an image whose dirty pages are these. */
function imageWith(dirty: readonly number[], areRefuted = false): OpenImage {
  const countPages = ({ start, length }: ByteRange) => {
    const dirtyPages = dirty.filter((at) => at * page >= start && at * page < start + length).length
    return { cachedPages: 0, dirtyPages, writebackPages: 0, evictedPages: 0, recentlyEvictedPages: 0 }
  }
  return { counts: { countPages, areRefuted } } as unknown as OpenImage
}

describe('findWritten', () => {
  it.each([
    ['nothing is dirty', [], [pages(0, 7)]],
    ['one page is', [3], [pages(0, 3), pages(4, 3)]],
    ['the ends are', [0, 6], [pages(1, 5)]],
    ['all are', [0, 1, 2, 3, 4, 5, 6], []],
  ] as const)('lists the clean parts where %s', (_, dirty, clean) => {
    expect(findWritten(imageWith(dirty), pages(0, 7))).toEqual(clean)
  })

  it('lists nothing where the kernel counts wrongly', () => {
    expect(findWritten(imageWith([], true), pages(0, 7))).toEqual([])
  })

  it('lists the whole range where the kernel counts nothing', () => {
    const open = { counts: { countPages: () => undefined, areRefuted: false } } as unknown as OpenImage
    expect(findWritten(open, pages(2, 5))).toEqual([pages(2, 5)])
  })
})

describe('joinRanges', () => {
  it.each([
    [[], []],
    [
      [pages(0, 1), pages(1, 2), pages(4, 1)],
      [pages(0, 3), pages(4, 1)],
    ],
    [
      [pages(5, 1), pages(0, 1)],
      [pages(5, 1), pages(0, 1)],
    ],
  ])('%#: joins those that adjoin', (ranges, joined) => {
    expect(joinRanges(ranges)).toEqual(joined)
  })
})
