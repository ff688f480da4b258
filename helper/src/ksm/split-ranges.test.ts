import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { hugePageBytes } from '../kernel/mappings.ts'
import { SplitRanges } from './split-ranges.ts'

const pages = 512
const present = 1n << 63n
const ofFile = 1n << 61n
const merged = 1n << 21n
const huge = 1n << 22n
const zero = 1n << 24n

const trees: string[] = []
afterEach(() => {
  for (const tree of trees.splice(0)) rmSync(tree, { recursive: true })
})

/** A process whose memory is one range of 2 MiB from address 0, and the flags of its frames. */
function rangesOf(
  entries: BigUint64Array,
  flags: ReadonlyMap<number, bigint> = new Map(),
  end = hugePageBytes,
) {
  const proc = mkdtempSync(join(tmpdir(), 'split-ranges-'))
  trees.push(proc)
  mkdirSync(join(proc, '12'))
  writeFileSync(join(proc, '12/pagemap'), entries)
  const frames = new BigUint64Array(8 * pages)
  for (const [frame, bits] of flags) frames[frame] = bits
  writeFileSync(join(proc, 'kpageflags'), frames)
  const ranges = new SplitRanges({ proc, sys: '/nowhere' }, 12)
  try {
    return [...ranges.listSplitRanges({ start: 0, end })]
  } finally {
    ranges.close()
  }
}

/** All pages in the frames of one former huge page, but for those that `frameOf` puts elsewhere. */
function entries(frameOf: Readonly<Record<number, number>> = {}): BigUint64Array {
  return BigUint64Array.from({ length: pages }, (_, page) => present | BigInt(frameOf[page] ?? pages + page))
}

function changed(page: number, entry: bigint): BigUint64Array {
  const words = entries()
  words[page] = entry
  return words
}

describe('SplitRanges', () => {
  it('lists a range that was split and holds nothing merged', () => {
    expect(rangesOf(entries())).toEqual([0, undefined])
    expect(rangesOf(entries({ 0: 3 * pages, 101: 3 * pages + 1 }))).toEqual([0, undefined])
  })

  it.each([
    ['a page that is absent', changed(7, 0n), undefined],
    ['a page of a file', changed(7, present | ofFile | BigInt(pages + 7)), undefined],
    ['a merged page', entries({ 7: 2000 }), [2000, merged]],
    ['the zero page', entries({ 7: 2001 }), [2001, zero]],
    ['a whole huge page', entries(), [pages, huge]],
  ] as const)('leaves out a range with %s', (_, words, flag) => {
    expect(rangesOf(words, new Map(flag === undefined ? [] : [flag]))).toEqual([undefined])
  })

  it('leaves out a range that was no huge page', () => {
    const scattered = Object.fromEntries(Array.from({ length: pages }, (_, page) => [page, 4000 - 3 * page]))
    expect(rangesOf(entries(scattered))).toEqual([undefined])
  })

  it('lets its caller pause after each 128 MiB in which nothing is found', () => {
    expect(rangesOf(new BigUint64Array(0), new Map(), 2 ** 30)).toEqual(Array(8).fill(undefined))
  })
})
