import { describe, expect, it } from 'vitest'
import { MergeForecast } from './forecast.ts'

/** murmur3's finalizer: a bijection of 32 bits, so that different contents never collide. */
function mix(value: number): number {
  let mixed = value >>> 0
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}

/** Even, but not random: enough for the half that only chooses a slot. */
function spread(value: number): number {
  return Math.imul(value, 0x9e3779b1) >>> 0
}

function add(forecast: MergeForecast, content: number, seed: number): void {
  forecast.addOwn(mix(content ^ seed), spread(content))
}

interface Shape {
  readonly name: string
  readonly single: number
  /** Contents and how often each occurs. */
  readonly groups: readonly (readonly [contents: number, copies: number])[]
}

const shapes: readonly Shape[] = [
  { name: 'clones', single: 20_000, groups: [[30_000, 4]] },
  { name: 'one giant content, as zero pages are', single: 50_000, groups: [[1, 300_000]] },
  { name: 'little to share', single: 90_000, groups: [[500, 2]] },
  {
    name: 'mixed',
    single: 10_000,
    groups: [
      [5_000, 2],
      [2_000, 16],
      [20, 1_000],
    ],
  },
]

function exactOf(shape: Shape) {
  const repeated = shape.groups.reduce((sum, [contents, copies]) => sum + contents * copies, 0)
  const contents = shape.groups.reduce((sum, [count]) => sum + count, 0)
  return { own: shape.single + repeated, mergeable: repeated - contents, identical: repeated }
}

function feed(forecast: MergeForecast, shape: Shape, seed: number): void {
  let content = 0
  for (let i = 0; i < shape.single; i += 1) add(forecast, content++, seed)
  for (const [contents, copies] of shape.groups) {
    for (let copy = 0; copy < copies; copy += 1)
      for (let i = 0; i < contents; i += 1) add(forecast, content + i, seed)
    content += contents
  }
}

describe('the merge forecast', () => {
  it.each(shapes)('is exact while every content fits: $name', (shape) => {
    const forecast = new MergeForecast(200_000)
    feed(forecast, shape, 0)
    const { ownPages, mergeable, identical, sampledRatio } = forecast.forecast()
    const exact = exactOf(shape)
    expect({ ownPages, sampledRatio }).toEqual({ ownPages: exact.own, sampledRatio: 1 })
    expect(mergeable).toEqual({ pages: exact.mergeable, marginPages: 0 })
    expect(identical).toEqual({ pages: exact.identical, marginPages: 0 })
  })

  it.each(shapes)('is unbiased and keeps its stated error when sampled: $name', (shape) => {
    const exact = exactOf(shape)
    const runs = 60
    const sums = { mergeable: 0, identical: 0, margins: 0 }
    const within = { mergeable: 0, identical: 0 }
    for (let run = 0; run < runs; run += 1) {
      const forecast = new MergeForecast(4_096)
      feed(forecast, shape, mix(run + 1))
      const { mergeable, identical, sampledRatio } = forecast.forecast()
      expect(sampledRatio).toBeLessThan(0.2)
      sums.mergeable += mergeable.pages - exact.mergeable
      sums.identical += identical.pages - exact.identical
      sums.margins += mergeable.marginPages
      within.mergeable += Number(Math.abs(mergeable.pages - exact.mergeable) <= mergeable.marginPages)
      within.identical += Number(Math.abs(identical.pages - exact.identical) <= identical.marginPages)
    }
    // 95 % of 60 runs are 57; fewer than 51 would come by chance once in 400 such tests, and the seeds are fixed.
    expect(within.mergeable).toBeGreaterThanOrEqual(51)
    expect(within.identical).toBeGreaterThanOrEqual(51)
    const mean = sums.mergeable / runs
    expect(Math.abs(mean)).toBeLessThan((3 * sums.margins) / runs / 1.96 / Math.sqrt(runs))
  })

  it('counts own pages that join a merged frame as freed', () => {
    const forecast = new MergeForecast()
    forecast.addMerged(7, 7)
    for (let i = 0; i < 3; i += 1) forecast.addOwn(7, 7)
    forecast.addOwn(8, 8)
    forecast.addOwn(8, 8)
    forecast.addOwn(9, 9)
    forecast.addMerged(9, 9)
    forecast.addMerged(10, 10)
    expect(forecast.forecast()).toMatchObject({
      ownPages: 6,
      mergeable: { pages: 5, marginPages: 0 },
      identical: { pages: 6 },
    })
  })

  it('ends also when all hashes are forged to fall into the class', () => {
    const forecast = new MergeForecast(1_024)
    for (let i = 0; i < 5_000; i += 1) forecast.addOwn(0, mix(i))
    expect(forecast.forecast().ownPages).toBe(5_000)
  })

  it('forecasts a host of 1 TiB (268 million pages) within 512 MiB and within its stated error', () => {
    const pages = 268_435_456
    const single = 100_000_000
    const groups = 42_000_000
    const forecast = new MergeForecast()
    const allocated = forecast.forecast().memoryBytes
    for (let page = 0; page < single; page += 1) forecast.addOwn(mix(page), spread(page))
    let content = 0
    for (let page = single; page < pages; page += 1) {
      forecast.addOwn(mix(single + content), spread(single + content))
      content += 1
      if (content === groups) content = 0
    }
    const { ownPages, mergeable, memoryBytes } = forecast.forecast()
    const exact = pages - single - groups
    expect(ownPages).toBe(pages)
    expect(memoryBytes).toBe(allocated)
    expect(memoryBytes).toBeLessThan(512 * 1024 * 1024)
    expect(Math.abs(mergeable.pages - exact)).toBeLessThanOrEqual(mergeable.marginPages)
    expect(mergeable.marginPages / exact).toBeLessThan(0.01)
  }, 120_000)
})
