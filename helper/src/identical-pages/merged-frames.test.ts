import { describe, expect, it } from 'vitest'
import { MergedFrames } from './merged-frames.ts'

describe('MergedFrames', () => {
  it('finds frames by their number, however many and wherever they lie', () => {
    const frames = new MergedFrames()
    frames.beginScan('1')
    const numbers = Array.from({ length: 20_000 }, (_, i) =>
      i % 2 === 0 ? i : Math.imul(i, 0x9e3779b1) >>> 0,
    )
    const different = [...new Set(numbers)]
    for (const [index, frame] of different.entries()) expect(frames.add(frame, frame, 7)).toBe(index)
    for (const [index, frame] of different.entries()) {
      expect(frames.indexOf(frame)).toBe(index)
      expect([frames.lower(index), frames.upper(index)]).toEqual([frame, 7])
    }
    expect(frames.indexOf(1_234_567)).toBe(different.indexOf(1_234_567))
  })

  it('counts sites of pages until one is not known or not shared', () => {
    const frames = new MergedFrames()
    frames.beginScan('1')
    const numbers = [7, 2 ** 32 - 1, 9]
    for (const frame of numbers) frames.add(frame, frame, frame)
    const shared = 0x8000_0000
    const entriesOf = (...entries: readonly (readonly [number, number])[]) => new Int32Array(entries.flat())
    const indexes = new Uint32Array(8)
    const known = entriesOf([9, shared], [2 ** 32 - 1, shared], [9, shared], [8, shared])
    expect(frames.addKnownSites(known, 0, 4, 2, indexes, 1)).toBe(3)
    expect([...indexes]).toEqual([0, 2, 1, 2, 0, 0, 0, 0])
    expect([frames.sites(2), frames.holders(2), frames.repeaters(2)]).toEqual([2, 2, 2])
    expect(frames.addKnownSites(known, 1, 2, 1, indexes, 0)).toBe(2)
    expect([frames.sites(1), frames.holders(1), frames.repeaters(1)]).toEqual([2, 3, 0])
    expect(frames.addKnownSites(entriesOf([7, 0x8100_0000]), 0, 1, 1, indexes, 0)).toBe(0)
    expect(frames.addKnownSites(entriesOf([7, 0]), 0, 1, 1, indexes, 0)).toBe(0)
  })

  it('takes over what the last scan saw, while ksmd is in the same pass', () => {
    const frames = new MergedFrames()
    frames.beginScan('4')
    for (const frame of [10, 11, 12]) frames.add(frame, frame, frame)
    frames.addSite(0, 1)
    frames.addSite(2, 1)
    frames.addSite(2, 1)
    expect([frames.sites(2), frames.holders(2), frames.repeaters(2)]).toEqual([2, 1, 1])
    frames.beginScan('4')
    expect([10, 11, 12].map((frame) => frames.indexOf(frame))).toEqual([0, -1, 1])
    expect([frames.lower(1), frames.sites(1), frames.holders(1), frames.repeaters(1)]).toEqual([12, 0, 0, 0])
  })

  it.each([
    ['5', '6'],
    [undefined, undefined],
  ])('forgets all once ksmd has finished a pass, or that is not known: %s, %s', (before, after) => {
    const frames = new MergedFrames()
    frames.beginScan(before)
    frames.addSite(frames.add(10, 1, 1), 1)
    frames.beginScan(after)
    expect(frames.indexOf(10)).toBe(-1)
  })
})
