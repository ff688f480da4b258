import { describe, expect, it } from 'vitest'
import { compare } from './compare.ts'

const hosts = [
  { hostId: 'a', values: [10, null, 30], mean: 20, first: 10, last: 30, guestRamBytes: 2 * 2 ** 30 },
  { hostId: 'b', values: [40, 40, 40], mean: 40, first: 40, last: 40, guestRamBytes: 8 * 2 ** 30 },
  { hostId: 'c', values: [null, null, null] },
]
const nameOf = (key: string) => `host ${key}`
const view = (per: 'host' | 'gib' | 'baseline', metric: 'mergedBytes' | 'ksmdCpuRatio' = 'mergedBytes') =>
  compare({ hosts }, { metric, per, nameOf })

describe('compare', () => {
  it('ranks by what is better, hosts without a figure last', () => {
    expect(view('host').rows.map(({ key, rank, toMedian }) => [key, rank, toMedian])).toEqual([
      ['b', 1, 10],
      ['a', 2, -10],
      ['c', undefined, undefined],
    ])
    expect(view('host', 'ksmdCpuRatio').rows.map(({ key }) => key)).toEqual(['a', 'b', 'c'])
  })
  it('divides by the RAM of the guests, and says which host has none', () => {
    const { rows, lines, notes } = view('gib')
    expect(rows.map(({ key, mean, change }) => [key, mean, change])).toEqual([
      ['a', 10, 10],
      ['b', 5, 0],
    ])
    expect(lines[0]?.values).toEqual([5, null, 15])
    expect(notes).toEqual([expect.stringContaining('host c')])
  })
  it('divides no share by RAM', () => {
    expect(view('gib', 'ksmdCpuRatio')).toMatchObject({
      unit: 'ratio',
      notes: [expect.stringContaining('share')],
    })
  })
  it('relates each host to its own first tenth', () => {
    expect(view('baseline')).toMatchObject({
      unit: 'ratio',
      rows: [
        { key: 'a', mean: 2, last: 3 },
        { key: 'b', mean: 1 },
      ],
    })
  })
})
