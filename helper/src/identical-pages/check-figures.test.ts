import { describe, expect, it } from 'vitest'
import type { AssessedGuest } from '../../../src/shared/contract/guests.ts'
import type { AssessedImage } from '../../../src/shared/contract/images.ts'
import { checkGuest, checkImage, checkTotals, keepPossible } from './check-figures.ts'

const guest: AssessedGuest = {
  ...{ pid: 7, name: 'web', ramBytes: 100, otherBlocksBytes: 10, residentBytes: 110, zeroBytes: 110 },
  ...{
    mergedBytes: 110,
    freedZeroBytes: 110,
    identicalBytes: 110,
    mergeableBytes: 110,
    doubleCachedBytes: 110,
  },
  why: [],
}
const image: AssessedImage = {
  ...{ path: '/a.raw', format: 'raw', guests: [7], cacheMode: 'buffered', residentBytes: 50 },
  ...{ doubleCachedBytes: 30, heldByOthersBytes: 20, why: [] },
}
const totals = {
  ...{ guestResidentBytes: 1500, mergeableBytes: 900, mergedBytes: 400, freedZeroBytes: 100 },
  ...{ imageCacheBytes: 1000, doubleCachedBytes: 1000 },
}

describe('bounds of figures', () => {
  it('lets through what can be', () => {
    checkGuest(guest)
    checkImage(image)
    expect(checkTotals(totals, 1000, undefined)).toEqual([])
  })

  it.each<[string, Partial<AssessedGuest>]>([
    ['resident', { residentBytes: 111 }],
    ['zero', { zeroBytes: 111 }],
    ['freed zero', { freedZeroBytes: 111 }],
    ['identical', { identicalBytes: 111 }],
    ['mergeable', { mergeableBytes: 111 }],
    ['merged', { mergedBytes: 111 }],
    ['double cached', { doubleCachedBytes: 111 }],
    ['mergeable', { mergeableBytes: Number.NaN }],
  ])('refuses a guest with more %s than it has', (figure, more) => {
    expect(() => checkGuest({ ...guest, ...more })).toThrow(
      new RegExp(`guest web \\(pid 7\\): .* ${figure} were counted`),
    )
  })

  it('leaves out a guest that cannot be, tells of it and logs it', () => {
    const logged: string[] = []
    const impossible = { ...guest, pid: 8, residentBytes: 111 }
    const { guests, unreadable } = keepPossible([guest, impossible], (line) => logged.push(line))
    expect(guests).toEqual([guest])
    expect(unreadable).toMatchObject([{ path: '/proc/8', problem: { code: 'internal' } }])
    expect(logged).toEqual(unreadable.map(({ problem }) => problem.message))
  })

  it('refuses an image with more than is cached of it', () => {
    expect(() => checkImage({ ...image, heldByOthersBytes: 21 })).toThrow(/more than resident/)
  })

  it.each<[string, Partial<typeof totals>]>([
    ['mergeable', { mergeableBytes: 1501 }],
    ['double cached', { doubleCachedBytes: 1001 }],
  ])('refuses totals with more %s than they are a part of', (figure, more) => {
    expect(() => checkTotals({ ...totals, ...more }, 2000, undefined)).toThrow(
      new RegExp(`this host: .* ${figure} were counted`),
    )
  })

  it.each<[string, Partial<typeof totals>]>([
    ['guest memory', { mergedBytes: 399 }],
    ['mergeable', { mergeableBytes: 1001 }],
    ['image cache', { imageCacheBytes: 1001 }],
  ])('says of totals with more %s than the host has, which guests that change can make', (figure, more) => {
    const logged: string[] = []
    const unreadable = checkTotals({ ...totals, ...more }, 1000, (line) => logged.push(line))
    expect(unreadable).toMatchObject([{ path: '/proc/meminfo', problem: { code: 'internal' } }])
    expect(logged).toEqual([expect.stringMatching(new RegExp(`at one moment: .* ${figure} were counted`))])
    expect(logged).toEqual(unreadable.map(({ problem }) => problem.message))
  })
})
