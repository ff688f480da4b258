import { describe, expect, it } from 'vitest'
import { Holders } from '../records/holders.ts'
import { MergedFrames } from './merged-frames.ts'

/** Sites of a frame, the guests that have one, and those that have two. */
function sitesOf(frames: MergedFrames, index: number) {
  const holders = new Holders(GUESTS)
  frames.addHolders(index, holders)
  const list = (isMeant: (guest: number) => boolean) =>
    Array.from({ length: GUESTS }, (_, guest) => guest).filter(isMeant)
  return {
    sites: frames.sites(index),
    once: list((guest) => holders.has(guest)),
    twice: list((guest) => holders.hasTwice(guest)),
  }
}
const GUESTS = 40

describe('MergedFrames', () => {
  it('finds frames by their number, however many and wherever they lie', () => {
    const frames = new MergedFrames()
    frames.beginScan('1')
    const numbers = Array.from({ length: 20_000 }, (_, i) =>
      i % 2 === 0 ? i + 2 : Math.imul(i, 0x9e3779b1) >>> 0,
    )
    const different = [...new Set(numbers)]
    for (const [index, frame] of different.entries()) expect(frames.addFrame(frame, frame, 7)).toBe(index)
    for (const [index, frame] of different.entries()) {
      expect(frames.indexOf(frame)).toBe(index)
      expect([frames.lower(index), frames.upper(index)]).toEqual([frame, 7])
    }
    expect(frames.indexOf(1_234_567)).toBe(different.indexOf(1_234_567))
  })

  it('counts sites of pages until one is not known or not shared', () => {
    const frames = new MergedFrames()
    frames.beginScan('1', GUESTS)
    const numbers = [7, 2 ** 32 - 1, 9]
    for (const frame of numbers) frames.addFrame(frame, frame, frame)
    const shared = 0x8000_0000
    const entriesOf = (...entries: readonly (readonly [number, number])[]) => new Int32Array(entries.flat())
    const indexes = new Uint32Array(8)
    const known = entriesOf([9, shared], [2 ** 32 - 1, shared], [9, shared], [8, shared])
    expect(frames.addKnownSites(known, 0, 4, 33, indexes, 1)).toBe(3)
    expect([...indexes]).toEqual([0, 2, 1, 2, 0, 0, 0, 0])
    expect(sitesOf(frames, 2)).toEqual({ sites: 2, once: [33], twice: [33] })
    expect(frames.addKnownSites(known, 1, 2, 1, indexes, 0)).toBe(2)
    expect(sitesOf(frames, 1)).toEqual({ sites: 2, once: [1, 33], twice: [] })
    expect(frames.addKnownSites(entriesOf([7, 0x8100_0000]), 0, 1, 1, indexes, 0)).toBe(0)
    expect(frames.addKnownSites(entriesOf([7, 0]), 0, 1, 1, indexes, 0)).toBe(0)
  })

  it.each([GUESTS, 2])(
    'takes over what the last scan saw, while ksmd is in the same pass: %i guests then',
    (guestsThen) => {
      const frames = new MergedFrames()
      frames.beginScan('4', GUESTS)
      for (const frame of [10, 11, 12]) frames.addFrame(frame, frame, frame)
      frames.addSite(0, 1)
      frames.addSite(2, 1)
      frames.addSite(2, 1)
      expect(sitesOf(frames, 2)).toEqual({ sites: 2, once: [1], twice: [1] })
      frames.beginScan('4', guestsThen)
      expect([10, 11, 12].map((frame) => frames.indexOf(frame))).toEqual([0, -1, 1])
      expect(frames.lower(1)).toBe(12)
      expect(sitesOf(frames, 1)).toEqual({ sites: 0, once: [], twice: [] })
    },
  )

  it('leaves indexes as they are where little has gone, and what has gone is found no more', () => {
    const frames = new MergedFrames()
    frames.beginScan('4', GUESTS)
    // More than the table has room for at first, so that it grows while some have gone.
    for (let frame = 1; frame <= 700; frame += 1) frames.addSite(frames.addFrame(frame, frame, 0))
    frames.beginScan('4', GUESTS)
    for (let frame = 1; frame <= 700; frame += 1) if (frame !== 10) frames.addSite(frames.indexOf(frame))
    frames.beginScan('4', GUESTS)
    expect(frames.indexOf(10)).toBe(-1)
    expect([1, 9, 11, 700].map((frame) => frames.indexOf(frame))).toEqual([0, 8, 10, 699])
    for (let frame = 1001; frame <= 1400; frame += 1) frames.addFrame(frame, frame, 0)
    expect(frames.indexOf(10)).toBe(-1)
    expect(frames.addFrame(10, 5, 5)).toBe(frames.indexOf(10))
  })

  it('counts sites by the indexes of their frames', () => {
    const frames = new MergedFrames()
    frames.beginScan('1', GUESTS)
    for (const frame of [7, 8, 9]) frames.addFrame(frame, frame, frame)
    frames.addSites(new Uint32Array([0, 2, 2]), 33)
    frames.addSites(new Uint32Array([2]), 1)
    expect(sitesOf(frames, 0)).toEqual({ sites: 1, once: [33], twice: [] })
    expect(sitesOf(frames, 1)).toEqual({ sites: 0, once: [], twice: [] })
    expect(sitesOf(frames, 2)).toEqual({ sites: 3, once: [1, 33], twice: [33] })
  })

  it.each([
    ['5', '6'],
    [undefined, undefined],
  ])('forgets all once ksmd has finished a pass, or that is not known: %s, %s', (before, after) => {
    const frames = new MergedFrames()
    frames.beginScan(before)
    frames.addSite(frames.addFrame(10, 1, 1), 1)
    frames.beginScan(after)
    expect(frames.indexOf(10)).toBe(-1)
  })
})
