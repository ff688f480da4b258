import { describe, expect, it } from 'vitest'
import { chartCsv } from './chart-csv.ts'
import { instantAt, leftOf, zoomAround } from './chart-geometry.ts'
import { groupMarks, marksNear } from './chart-marks.ts'
import { chartRows, lastValue, rowNear } from './chart-rows.ts'
import { readKey } from './read-keys.ts'
import { tickLabel, timeTicks, valueTicks } from './time-ticks.ts'

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

  it.each([
    [0, 0],
    [14, 0],
    [16, 1],
    [29, 2],
    [99, 2],
  ])('finds the row nearest to %d', (at, index) => {
    expect(rowNear(chartRows([10, 20, 30], [layer([1, 2, 3])]), at)).toBe(index)
    expect(rowNear([], at)).toBeUndefined()
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

  const second = 1000
  const day = 24 * 3600 * second
  it.each([
    30 * second,
    2 * 60 * second,
    900 * second,
    3600 * second,
    6 * 3600 * second,
    day,
    7 * day,
    30 * day,
    90 * day,
    400 * day,
  ])('are several and read differently over %d ms, also where clocks are changed', (length) => {
    const to = new Date(2026, 9, 26, 7, 41, 13).getTime()
    const range = { from: to - length, to }
    const ticks = timeTicks(range.from, range.to, 7)
    expect(ticks.length).toBeGreaterThan(1)
    expect(ticks.length).toBeLessThanOrEqual(8)
    expect(new Set(ticks.map((at) => tickLabel(at, range, 7))).size).toBe(ticks.length)
    if (length >= 30 * day) expect(ticks.every((at) => new Date(at).getHours() === 0)).toBe(true)
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

describe('the time axis', () => {
  const range = { from: 1000, to: 2000 }

  it('knows which instant is pointed at, and where an instant stands', () => {
    expect(instantAt(64, 278, range)).toBe(1000)
    expect(instantAt(164, 278, range)).toBe(1500)
    expect([instantAt(0, 278, range), instantAt(400, 278, range)]).toEqual([1000, 2000])
    expect(leftOf(1500, range)).toBe('calc(64px + (100% - 78px) * 0.50000)')
    expect(zoomAround(1500, range, 0.5)).toEqual({ from: 1250, to: 1750 })
  })

  const mark = (at: number, text: string) => ({ at, kind: 'guest' as const, text })

  it('puts marks together that would stand on one another, and leaves out others', () => {
    const marks = [
      mark(900, 'before'),
      mark(1000, 'a'),
      mark(1005, 'b'),
      mark(1500, 'c'),
      mark(2001, 'after'),
    ]
    expect(groupMarks(marks, range).map(({ at, marks: all }) => [at, all.map(({ text }) => text)])).toEqual([
      [1000, ['a', 'b']],
      [1500, ['c']],
    ])
    expect(marksNear(marks, 1003, range).map(({ text }) => text)).toEqual(['a', 'b'])
  })

  it('is read, and made closer, by key', () => {
    const rows = chartRows([1000, 1500, 2000], [layer([1, 2, 3])])
    const press = (key: string, index?: number) =>
      readKey({ key, ctrlKey: false, metaKey: false, altKey: false }, { rows, range, index })
    expect(press('ArrowLeft')).toEqual({ kind: 'read', at: 2000 })
    expect(press('ArrowLeft', 1)).toEqual({ kind: 'read', at: 1000 })
    expect(press('ArrowLeft', 0)).toEqual({ kind: 'read', at: 1000 })
    expect(press('Home', 2)).toEqual({ kind: 'read', at: 1000 })
    expect(press('+', 1)).toEqual({ kind: 'zoom', range: { from: 1250, to: 1750 } })
    expect([press('Escape', 1), press('Escape'), press('x', 1)]).toEqual([
      { kind: 'end' },
      undefined,
      undefined,
    ])
    expect(press('0')).toEqual({ kind: 'reset' })
  })
})

it('saves a chart as CSV: gaps empty, events beside, no formula', () => {
  const layers = [{ ...layer([0.5, null]), label: '\u200b=web; =1' }]
  const marks = [{ at: 1500, kind: 'scrub' as const, text: 'scrubbed' }]
  expect(chartCsv(chartRows([1000, 2000], layers), layers, 'ratio', marks)).toBe(
    [
      `at,"'=web; '=1, ratio",events`,
      '1970-01-01T00:00:01.000Z,0.5,scrubbed',
      '1970-01-01T00:00:02.000Z,,',
      '',
    ].join('\r\n'),
  )
})
