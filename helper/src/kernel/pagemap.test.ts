import { describe, expect, it } from 'vitest'
import { frameNumber, isExclusive, isFilePage, isNearShared, isPresent } from './pagemap.ts'

describe('page map entries', () => {
  it.each([
    ['absent', 0x0000_0000, false, false, false],
    ['swapped', 0x4000_0000, false, false, false],
    ['anonymous, of one process', 0x8100_0000, true, false, true],
    ['merged', 0x8000_0000, true, false, false],
    ['of a file', 0xa000_0000, true, true, false],
  ])('tells a page that is %s', (_kind, upper, present, file, exclusive) => {
    expect([isPresent(upper), isFilePage(upper), isExclusive(upper)]).toEqual([present, file, exclusive])
  })

  it.each([
    ['absent', 0x0000_0000, false],
    ['of one process', 0x8100_0000, false],
    ['merged', 0x8000_0000, true],
    ['merged, beyond 16 TiB', 0x8000_0001, false],
  ])('knows a near frame that is shared: %s', (_kind, upper, expected) => {
    expect(isNearShared(upper)).toBe(expected)
    expect(isNearShared(upper | 0)).toBe(expected)
  })

  it('reads frame numbers beyond 32 bits', () => {
    expect(frameNumber(0xffff_ffff, 0x8180_0001)).toBe(2 ** 33 - 1)
    expect(frameNumber(-1, 0x8180_0001 | 0)).toBe(2 ** 33 - 1)
  })
})
