import { describe, expect, it } from 'vitest'
import { type PageState, pageStates } from '../../../src/shared/contract/memory-map.ts'
import { Contents, holding } from './contents.ts'
import { pageBits, stateTables } from './page-bits.ts'
import { viewCells } from './view-cells.ts'

const { present, compared, zero, mergedOrDirty, within, between, doubleCached, unreadable } = pageBits

describe('the state of a page', () => {
  it.each<[PageState, 'guest' | 'image', number]>([
    ['notPresent', 'guest', 0],
    ['unreadable', 'guest', unreadable | present],
    ['present', 'guest', present],
    ['unique', 'guest', present | compared],
    ['identicalWithin', 'guest', present | compared | within],
    ['identicalBetween', 'guest', present | compared | within | between],
    ['doubleCached', 'guest', present | compared | between | doubleCached],
    ['merged', 'guest', present | compared | mergedOrDirty | doubleCached],
    ['zero', 'guest', present | compared | mergedOrDirty | zero],
    ['dirty', 'image', present | compared | mergedOrDirty | doubleCached],
    ['doubleCached', 'image', present | compared | zero | doubleCached],
    ['zero', 'image', present | compared | zero],
    ['identicalBetween', 'image', present | compared | between],
  ])('%s of a %s', (state, kind, bits) => {
    expect(pageStates[stateTables[kind][bits] ?? -1]).toBe(state)
  })
})

describe('Contents', () => {
  const vouchers = (...guests: number[]) =>
    Int32Array.of(guests.reduce((bits, guest) => bits | (1 << guest), 0))
  it('tells within from between, and for whom a content is cached', () => {
    const contents = new Contents(8, 3)
    contents.add(1, 1, 0)
    contents.add(1, 1, 0)
    contents.add(2, 1, 0)
    contents.add(2, 1, 1)
    contents.add(2, 1, 2)
    contents.add(3, 1, 2)
    expect(contents.markCached(2, 1, vouchers(1))).toBe(holding.voucher)
    expect(contents.markCached(3, 1, vouchers(1))).toBe(holding.others)
    expect(contents.markCached(9, 9, vouchers(1))).toBe(holding.nobody)
    expect([contents.traitsFor(1, 1, 0), contents.traitsFor(2, 1, 0), contents.traitsFor(2, 1, 1)]).toEqual([
      1, 2, 6,
    ])
    expect(contents.traitsFor(3, 1, 2)).toBe(0)
    contents.release()
  })

  it('finds every content of a full table, whatever their hashes have in common', () => {
    const contents = new Contents(500, 2)
    for (let page = 0; page < 500; page += 1) contents.add(page % 7, page, page % 2)
    for (let page = 0; page < 500; page += 1) contents.add(page % 7, page, 0)
    const traits = Array.from({ length: 500 }, (_, page) => contents.traitsFor(page % 7, page, 0))
    expect(traits).toEqual(Array.from({ length: 500 }, (_, page) => (page % 2 === 0 ? 1 : 2)))
    contents.release()
  })
})

describe('viewCells', () => {
  const strip = {
    about: { kind: 'guest', name: 'a' } as const,
    pages: 10,
    bits: Uint8Array.of(0, 0, 0, 0, 3, 3, 65, 65, 65, 1),
  }
  const bit = (state: PageState) => 1 << pageStates.indexOf(state)
  it('joins equal cells, and the last one may be shorter', () => {
    expect(viewCells(strip, { from: 0, to: 10 }, 5)).toEqual({
      from: 0,
      to: 10,
      cellPages: 2,
      runs: [
        ...[2, bit('notPresent'), 2],
        ...[1, bit('zero'), 2],
        ...[1, bit('unique'), 2],
        ...[1, bit('unique') | bit('present'), 1, 1],
      ],
    })
    expect(viewCells(strip, { from: 0, to: 10 }, 4)).toMatchObject({ cellPages: 3 })
    expect(viewCells(strip, { from: 6, to: 9 }, 100)).toMatchObject({
      cellPages: 1,
      runs: [3, bit('unique'), 1],
    })
  })
  it('has nothing outside of the strip', () => {
    expect(viewCells(strip, { from: 20, to: 30 }, 4)).toEqual({ from: 10, to: 10, cellPages: 1, runs: [] })
  })
})
