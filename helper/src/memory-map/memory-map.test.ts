import { describe, expect, it } from 'vitest'
import { maxMapCells, type PageState, pageStates } from '../../../src/shared/contract/memory-map.ts'
import { Contents, holding } from './contents.ts'
import { pageBits, stateTables } from './page-bits.ts'
import { StripSums } from './strip-sums.ts'
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
    contents.addHolder(1, 1, 0)
    contents.addHolder(1, 1, 0)
    contents.addHolder(2, 1, 0)
    contents.addHolder(2, 1, 1)
    contents.addHolder(2, 1, 2)
    contents.addHolder(3, 1, 2)
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
    for (let page = 0; page < 500; page += 1) contents.addHolder(page % 7, page, page % 2)
    for (let page = 0; page < 500; page += 1) contents.addHolder(page % 7, page, 0)
    const traits = Array.from({ length: 500 }, (_, page) => contents.traitsFor(page % 7, page, 0))
    expect(traits).toEqual(Array.from({ length: 500 }, (_, page) => (page % 2 === 0 ? 1 : 2)))
    contents.release()
  })
})

describe('viewCells', () => {
  const stripOf = (bits: Uint8Array) => {
    const sums = new StripSums(bits, 'guest')
    sums.addAll()
    return { pages: bits.length, sums }
  }
  const strip = stripOf(Uint8Array.of(0, 0, 0, 0, 3, 3, 65, 65, 65, 1))
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
  it.each([
    [0, 20_000, 7],
    [1, 19_999, 3],
    [4095, 4097, 1],
    [4096, 8192, 1],
    [5000, 17_000, 2],
  ])('adds up the same from blocks as page by page, from %i to %i in %i cells', (from, to, cells) => {
    const bits = Uint8Array.from({ length: 20_000 }, (_, page) => [0, 1, 65, 3, 5, 73][(page >> 6) % 6] ?? 0)
    const { runs, cellPages } = viewCells(stripOf(bits), { from, to }, cells)
    const pages = Array.from({ length: pageStates.length }, () => 0)
    for (const { count, byState } of readRuns(runs))
      for (const [state, seen] of byState) pages[state] = (pages[state] ?? 0) + count * seen
    const expected = Array.from({ length: pageStates.length }, () => 0)
    for (const byte of bits.subarray(from, to)) {
      const state = stateTables.guest[byte] ?? 0
      expected[state] = (expected[state] ?? 0) + 1
    }
    expect(pages).toEqual(expected)
    expect(cellPages).toBe(Math.ceil((to - from) / cells))
  })

  it('shows a guest of a TiB from its sums, in less than 2 MiB, down to a page', () => {
    const bits = new Uint8Array(2 ** 28)
    for (let page = 0; page < bits.length; page += 4099) bits[page] = page % 2 === 0 ? 65 : 3
    bits.fill(5, 2 ** 27, 2 ** 27 + 10_000)
    const tib = stripOf(bits)
    const whole = viewCells(tib, { from: 0, to: tib.pages }, maxMapCells)
    expect(JSON.stringify(whole.runs).length).toBeLessThan(2 * 2 ** 20)
    const merged = 1 << pageStates.indexOf('merged')
    expect(readRuns(whole.runs).filter(({ mask }) => (mask & merged) !== 0)).toHaveLength(2)
    const part = viewCells(tib, { from: 2 ** 27 - 2, to: 2 ** 27 + 2 }, 4)
    expect(part).toMatchObject({ cellPages: 1 })
    expect(readRuns(part.runs).at(-1)).toMatchObject({ count: 2, mask: merged })
  })

  it('has nothing outside of the strip', () => {
    expect(viewCells(strip, { from: 20, to: 30 }, 4)).toEqual({ from: 10, to: 10, cellPages: 1, runs: [] })
  })
})

/** As a page reads the runs of an answer. */
function readRuns(runs: readonly number[]) {
  const read: { readonly count: number; readonly mask: number; readonly byState: [number, number][] }[] = []
  for (let at = 0; at < runs.length; ) {
    const [count = 0, mask = 0] = runs.slice(at, at + 2)
    const states = pageStates.flatMap((_, state) => ((mask & (1 << state)) === 0 ? [] : [state]))
    read.push({ count, mask, byState: states.map((state, place) => [state, runs[at + 2 + place] ?? 0]) })
    at += 2 + states.length
  }
  return read
}
