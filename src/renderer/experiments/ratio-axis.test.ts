import { describe, expect, it } from 'vitest'
import { axisOf } from './ratio-axis.ts'

describe('an axis of ratios', () => {
  it('is symmetric for half and double, with 1 on it', () => {
    const { ticks, share } = axisOf([0.5, 2])
    expect(ticks).toContain(1)
    expect([share(0.5), share(1), share(2)]).toEqual([0, 0.5, 1])
  })

  it('has few ticks over a wide range, and room where nothing differs', () => {
    expect(axisOf([0.01, 100]).ticks.length).toBeLessThanOrEqual(12)
    const { share } = axisOf([1.0001, 0.9999])
    expect(share(1.0001) - share(0.9999)).toBeLessThan(0.01)
  })

  it.each([
    [0.23, 0.23],
    [0.9, 1.4],
    [0.01, 100],
    [1, 3],
  ])('leaves room for the label of each tick between %d and %d', (low, high) => {
    const { ticks, share } = axisOf([low, high])
    expect(ticks).toContain(1)
    expect(ticks.length).toBeGreaterThan(2)
    const gaps = ticks.slice(1).map((tick, index) => share(tick) - share(ticks[index] ?? 0))
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(0.09)
  })

  it('keeps to its ends without ratios', () => {
    expect(axisOf([]).ticks).toEqual([1])
  })
})
