import { describe, expect, it } from 'vitest'
import { rateBetween, rateSince } from './rates.ts'

const look = (atSeconds: number, counter: number | undefined) => ({ atSeconds, counter })
const counterOf = ({ counter }: { readonly counter: number | undefined }) => counter

describe('rates', () => {
  it.each([
    [look(10, 100), look(12, 300), 100],
    [look(10, 100), look(12, 100), 0],
    [look(10, 100), look(12, 50), undefined],
    [look(10, 100), look(10, 300), undefined],
    [look(10, undefined), look(12, 300), undefined],
    [look(10, 100), look(12, undefined), undefined],
  ])('between %j and %j: %j', (before, after, rate) => {
    expect(rateBetween(before, after, counterOf)).toBe(rate)
  })

  it('since the start, once there is something to tell', () => {
    expect(rateSince(50, 100)).toBe(0.5)
    expect(rateSince(0, 100)).toBe(0)
    expect(rateSince(50, 5)).toBeUndefined()
    expect(rateSince(undefined, 100)).toBeUndefined()
    expect(rateSince(50, undefined)).toBeUndefined()
  })
})
