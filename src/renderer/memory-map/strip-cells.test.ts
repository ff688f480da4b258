import { describe, expect, it } from 'vitest'
import { pageStates } from '../../shared/contract/index.ts'
import { drawStrip, StripCells, stripHeight } from './strip-cells.ts'

const [zero, unique] = [pageStates.indexOf('zero'), pageStates.indexOf('unique')]
const strip = new StripCells({
  index: 0,
  from: 0,
  to: 4000,
  cellPages: 1000,
  runs: [2, 1 << zero, 1000, 1, (1 << zero) | (1 << unique), 1, 999, 1, 1 << unique, 1000],
})

describe('the cells of a strip', () => {
  it('know how many pages of each state they have', () => {
    expect([strip.cells, strip.pagesOf(0, zero), strip.pagesOf(2, zero), strip.pagesOf(2, unique)]).toEqual([
      4, 1000, 1, 999,
    ])
    expect([strip.cellAt(-1), strip.cellAt(999), strip.cellAt(2000), strip.cellAt(4000)]).toEqual([
      -1, 0, 2, -1,
    ])
  })

  it('show what is rare in a row of its own', () => {
    const rows = Array.from({ length: stripHeight }, (_, row) => strip.stateAt(2, row))
    expect(rows.filter((state) => state === zero)).toHaveLength(1)
    expect(rows.filter((state) => state === unique)).toHaveLength(stripHeight - 1)
  })

  it('are stretched over the width, and blank where nothing is known', () => {
    const colors = Uint32Array.from(pageStates, (_, state) => state + 1)
    const pixels = new Uint32Array(8 * stripHeight)
    drawStrip(pixels, 8, 0, strip, { from: 2000, to: 6000 }, colors, 99, 0, 8)
    expect([...pixels.subarray(8 * 10, 8 * 11)]).toEqual(
      [unique, unique, unique, unique, 98, 98, 98, 98].map((s) => s + 1),
    )
  })

  it('survive runs that make no sense', () => {
    const odd = new StripCells({
      index: 0,
      from: 0,
      to: 10,
      cellPages: 1,
      runs: [1_000_000, 1 << zero, 5, 3],
    })
    expect(odd.stateAt(9, 0)).toBe(zero)
    expect(new StripCells({ index: 0, from: 5, to: 5, cellPages: 1, runs: [] }).cells).toBe(0)
  })
})
