import { describe, expect, it } from 'vitest'
import { moved, pagesIn, wholeMap, zoomed } from './map-window.ts'

describe('the window of a map', () => {
  it('keeps what is under the pointer where it is', () => {
    const window = zoomed({ from: 0.2, to: 0.6 }, 2, 0.25, 0)
    expect(window.from).toBeCloseTo(0.25)
    expect(window.to).toBeCloseTo(0.45)
  })
  it('never shows less than it can, nor what is not there', () => {
    expect(zoomed(wholeMap, 1000, 1, 0.01).from).toBeCloseTo(0.99)
    expect(zoomed({ from: 0.9, to: 1 }, 0.01, 0.5, 0)).toEqual(wholeMap)
    expect(moved({ from: 0.8, to: 0.9 }, 5).to).toBe(1)
    expect(moved({ from: 0.1, to: 0.2 }, -5)).toEqual({ from: 0, to: 0.1 })
  })
  it.each([
    [{ from: 0, to: 1 }, 100, { from: 0, to: 100 }],
    [{ from: 0.501, to: 0.502 }, 100, { from: 50, to: 51 }],
    [{ from: 0.999, to: 1 }, 1, { from: 0, to: 1 }],
  ])('%j of %d pages', (window, pages, expected) => {
    expect(pagesIn(window, pages)).toEqual(expected)
  })
})
