import { describe, expect, it } from 'vitest'
import { PAGE_IS_PFNZERO, PAGE_IS_PRESENT, PageMapScan, regionBytes } from './page-map-scan.ts'

const PAGE = 4096
const KERNEL_BUFFER = 512

/** Categories of each page from address 0 on; 0: absent. */
type Pages = readonly number[]

interface Region {
  readonly start: number
  readonly end: number
  readonly categories: number
}

/** Answers as Linux 6.18 does: `walk_end` is the place where 512 regions were written out last. */
function kernelOf(pages: Pages, room: Uint32Array) {
  const calls: { readonly start: number; readonly walkEnd: number }[] = []
  const issue = (argument: BigUint64Array) => {
    const [start, end, capacity] = [argument[2], argument[3], argument[6]].map(Number) as [
      number,
      number,
      number,
    ]
    const regions = regionsOf(pages.slice(0, end / PAGE), start / PAGE)
    const answered = regions.slice(0, capacity)
    let walkEnd = 0
    for (let at = KERNEL_BUFFER; at < answered.length; at += KERNEL_BUFFER) walkEnd = regions[at]?.start ?? 0
    if (answered.length < regions.length) walkEnd = regions[answered.length]?.start ?? 0
    argument[4] = BigInt(walkEnd || end)
    answered.forEach((region, index) => {
      room.set([region.start, 0, region.end, 0, region.categories, 0], index * (regionBytes / 4))
    })
    calls.push({ start, walkEnd: Number(argument[4]) })
    return answered.length
  }
  return { issue, calls }
}

function regionsOf(pages: Pages, first: number): Region[] {
  const regions: Region[] = []
  for (let page = first; page < pages.length; page += 1) {
    const categories = pages[page] ?? 0
    const last = regions.at(-1)
    const [start, end] = [page * PAGE, (page + 1) * PAGE]
    if (categories === 0) continue
    if (last?.end === start && last.categories === categories) regions[regions.length - 1] = { ...last, end }
    else regions.push({ start, end, categories })
  }
  return regions
}

function listPages(pages: Pages, capacity: number, issueOf = kernelOf) {
  const room = new Uint32Array(capacity * (regionBytes / 4))
  const { issue, calls } = issueOf(pages, room)
  const found = pages.map(() => 0)
  const seen = pages.map(() => 0)
  new PageMapScan({ address: 0, words: room }).list(
    0,
    pages.length * PAGE,
    PAGE_IS_PFNZERO,
    issue,
    (start, end, categories) => {
      for (let page = start / PAGE; page < end / PAGE; page += 1) {
        found[page] = categories
        seen[page] = (seen[page] as number) + 1
      }
    },
  )
  return { found, most: Math.max(...seen), calls }
}

const present = PAGE_IS_PRESENT
const zero = PAGE_IS_PRESENT | PAGE_IS_PFNZERO

describe('PageMapScan', () => {
  it.each<[string, Pages, number]>([
    ['nothing present', new Array<number>(64).fill(0), 4096],
    ['all present', new Array<number>(4096).fill(present), 4096],
    ['every second page', Array.from({ length: 4096 }, (_, page) => (page % 2) * present), 4096],
    [
      'zero pages in between',
      Array.from({ length: 4096 }, (_, page) => (page % 2 === 0 ? zero : present)),
      4096,
    ],
    ['513 regions', Array.from({ length: 1026 }, (_, page) => (page % 2) * present), 4096],
    ['exactly 512 regions', Array.from({ length: 1024 }, (_, page) => (page % 2) * present), 4096],
    [
      'more regions than there is room for',
      Array.from({ length: 4096 }, (_, page) => page % 3 && present),
      100,
    ],
    [
      'as many regions as there is room for',
      Array.from({ length: 200 }, (_, page) => (page % 2) * present),
      100,
    ],
  ])('tells of each present page once: %s', (_what, pages, capacity) => {
    const { found, most } = listPages(pages, capacity)
    expect(found).toEqual(pages)
    expect(most).toBe(pages.some((page) => page > 0) ? 1 : 0)
  })

  describe('findWindow', () => {
    const [MIB, GIB] = [2 ** 20, 2 ** 30]
    /** Answers with the first of these pages that lies between the addresses asked for, as one region. */
    const findWindow = (present: readonly number[], start: number, end: number, windowBytes = 16 * MIB) => {
      const room = new Uint32Array(regionBytes / 4)
      const asked: [number, number][] = []
      const issue = (argument: BigUint64Array) => {
        const [from, to] = [Number(argument[2]), Number(argument[3])]
        asked.push([from / GIB, to / GIB])
        // One region of one page: more would have the kernel walk on.
        expect([argument[6], argument[7]]).toEqual([1n, 1n])
        const page = present.find((address) => address >= from && address < to)
        if (page === undefined) return 0
        room.set([page % 2 ** 32, Math.floor(page / 2 ** 32), (page + PAGE) % 2 ** 32, 0, PAGE_IS_PRESENT, 0])
        return 1
      }
      return {
        found: new PageMapScan({ address: 0, words: room }).findWindow(start, end, windowBytes, issue),
        asked,
      }
    }

    it('passes over a TiB of nothing in 16 calls', () => {
      const { found, asked } = findWindow([], GIB, 1025 * GIB)
      expect(found).toBeUndefined()
      expect(asked).toHaveLength(16)
      expect([asked[0], asked[15]]).toEqual([
        [1, 65],
        [961, 1025],
      ])
    })

    it.each([
      [[GIB], GIB],
      [[GIB + 5 * PAGE], GIB],
      [[GIB + 16 * MIB - PAGE], GIB],
      [[GIB + 16 * MIB], GIB + 16 * MIB],
      [[900 * GIB + 17 * MIB], 900 * GIB + 16 * MIB],
      [[0], undefined],
      [[1025 * GIB], undefined],
    ])('finds the window of a page on the grid of the first: %j', (present, expected) => {
      expect(findWindow(present, GIB, 1025 * GIB).found).toBe(expected)
    })

    it('keeps to the grid where the first window does not begin at a multiple', () => {
      const start = GIB + 3 * PAGE
      expect(findWindow([start + 33 * MIB], start, 2 * GIB).found).toBe(start + 32 * MIB)
    })
  })

  it('asks once where the answer has room to spare, whatever the kernel says of where it stopped', () => {
    const { calls } = listPages(
      Array.from({ length: 4096 }, (_, page) => (page % 2) * present),
      4096,
    )
    expect(calls).toHaveLength(1)
    expect(calls[0]?.walkEnd).toBeLessThan(4096 * PAGE)
  })
})
