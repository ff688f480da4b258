import { describe, expect, it } from 'vitest'
import { chartRows, lastValue } from './chart-rows.ts'
import { timeTicks, valueTicks } from './time-ticks.ts'

const layer = (values: (number | null)[]) => ({ key: 'a', label: 'A', color: 'red', values })

describe('chart rows', () => {
  it('keeps empty buckets as null', () => {
    expect(chartRows([10, 20, 30], [layer([1, null, 0])])).toEqual([
      { at: 10, a: 1 },
      { at: 20, a: null },
      { at: 30, a: 0 },
    ])
  })

  it('breaks the line over a hole without buckets', () => {
    const rows = chartRows([10, 20, 30, 100], [layer([1, 1, 1, 2])])
    expect(rows.map(({ at, a }) => [at, a])).toEqual([
      [10, 1],
      [20, 1],
      [30, 1],
      [40, null],
      [100, 2],
    ])
  })

  it('finds the last reported value, 0 included', () => {
    expect(lastValue([1, 0, null])).toBe(0)
    expect(lastValue([null])).toBeUndefined()
  })
})

describe('ticks', () => {
  it('are round times within the range', () => {
    const from = new Date(2026, 10, 24, 12, 3, 20).getTime()
    const ticks = timeTicks(from, from + 15 * 60_000, 6)
    expect(ticks.map((at) => new Date(at).getMinutes())).toEqual([5, 10, 15])
  })

  it.each([
    [0, 'bytes', [0, 0.25]],
    [3 * 1024 ** 3, 'bytes', [0, 1024 ** 3, 2 * 1024 ** 3, 3 * 1024 ** 3]],
    [0.9, 'ratio', undefined],
    [420_000, 'pages', [0, 200_000, 400_000, 600_000]],
    [0, 'pages', [0, 1]],
    [1, 'pages', [0, 1]],
    [3, 'pages', [0, 1, 2, 3]],
  ] as const)('cover 0 to %d %s', (top, unit, expected) => {
    const ticks = valueTicks(top, unit)
    if (expected) expect(ticks).toEqual(expected)
    expect(ticks.at(-1)).toBeGreaterThanOrEqual(top)
    expect(ticks.length).toBeLessThanOrEqual(6)
  })
})
