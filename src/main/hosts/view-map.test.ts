import { describe, expect, it } from 'vitest'
import { type MapCells, mapCells, maxMapCells, memoryMap, pageStates } from '../../shared/contract/index.ts'
import { viewMap } from './view-map.ts'

const zero = 1 << pageStates.indexOf('zero')
const whole = { index: 0, from: 0, to: 4000, cellPages: 1000, runs: [3, zero, 1000, 1, zero, 1000] }
const isTaken = (change: Partial<typeof whole>, ...others: (typeof whole)[]) =>
  mapCells.safeParse({ strips: [{ ...whole, ...change }, ...others] }).success

describe('cells of a map that a host sends', () => {
  it('are taken where the runs are the cells of the range', () => {
    expect(isTaken({})).toBe(true)
    expect(isTaken({ from: 5, to: 5, runs: [] })).toBe(true)
  })

  it.each<[string, Partial<typeof whole>]>([
    ['more cells than memory has room for', { to: Number.MAX_SAFE_INTEGER }],
    ['cells of no page', { cellPages: 0 }],
    ['cells of no page in no range', { to: 0, cellPages: 0, runs: [] }],
    ['a range that ends before it begins', { from: 5000 }],
    ['runs without an end', { runs: [Number.MAX_SAFE_INTEGER, zero, 1] }],
    ['more runs than cells', { runs: [...whole.runs, 1, zero, 1] }],
    ['fewer runs than cells', { runs: [3, zero, 1000] }],
    ['runs that are cut off', { runs: [3, zero, 1000, 1, zero] }],
    ['a run of no cell', { runs: [0, zero, 1000, ...whole.runs] }],
    ['a run of no state', { runs: [4, 0] }],
    ['a run of states that there are not', { runs: [4, 1 << pageStates.length, 1] }],
    ['more pages in a cell than it has', { runs: [4, zero, 1001] }],
  ])('are refused with %s', (_, change) => expect(isTaken(change)).toBe(false))

  it('are refused beyond what one answer holds', () => {
    const full = { ...whole, to: maxMapCells, cellPages: 1, runs: [maxMapCells, zero, 1] }
    expect(isTaken(full)).toBe(true)
    expect(isTaken(full, { ...whole, index: 1 })).toBe(false)
  })

  it('are refused where others were asked for, or fewer', async () => {
    const view = (strips: MapCells['strips']) => {
      const session = { call: async () => ({ strips }) }
      const fleet = { find: () => ({ session }) } as unknown as Parameters<typeof viewMap>[0]
      const query = { hostId: 'h', map: 'm', strips: [{ index: 0, from: 0, to: 4000 }], cells: 4 }
      return viewMap(fleet, query, new AbortController().signal)
    }
    expect((await view([whole])).strips).toEqual([whole])
    const refused = { code: 'protocol' }
    await expect(view([{ ...whole, index: 1 }])).rejects.toMatchObject(refused)
    await expect(view([])).rejects.toMatchObject(refused)
    await expect(view([whole, { ...whole, index: 1 }])).rejects.toMatchObject(refused)
    const finer = { ...whole, cellPages: 500, runs: [8, zero, 500] }
    await expect(view([finer])).rejects.toMatchObject(refused)
  })
})

it('refuses a map whose strips are numbered as they like', () => {
  const strip = {
    kind: 'guest',
    name: 'g',
    pages: 0,
    stateBytes: pageStates.map(() => 0),
    traitBytes: Array.from({ length: 6 }, () => 0),
  }
  const cost = { wallSeconds: 0, cpuSeconds: 0, hashedBytes: 0, peakRssBytes: 0 }
  const about = { id: 'm', at: 1, pageSize: 4096, contents: true, cost, unreadable: [] }
  const isMap = (...indices: number[]) =>
    memoryMap.safeParse({ ...about, strips: indices.map((index) => ({ ...strip, index })) }).success
  expect([isMap(0, 1), isMap(1, 0), isMap(0, 0)]).toEqual([true, false, false])
})
