import { describe, expect, it } from 'vitest'
import { add, divide, known, least, noLimit, notKnown, subtract } from './answers.ts'

const untold = notKnown('nobody told')

describe('arithmetic with answers', () => {
  it('keeps the widest interval', () => {
    expect(add(known(5, 4, 6), known(2, 1, 3))).toEqual(known(7, 5, 9))
    expect(subtract(known(5, 4, 6), known(2, 1, 3))).toEqual(known(3, 1, 5))
    expect(divide(known(12, 6, 18), known(3, 2, 6), '')).toEqual(known(4, 1, 9))
  })

  it('passes on why a figure is not known', () => {
    for (const result of [add(known(1), untold), subtract(untold, known(1)), divide(known(1), untold, '')])
      expect(result).toEqual(untold)
  })

  it('never divides by nothing, and carries no negative number of guests', () => {
    expect(divide(known(1), known(0), 'idle')).toEqual(noLimit('idle'))
    expect(divide(known(-5), known(2), '')).toEqual(known(0))
  })

  it('is limited by the least that is known', () => {
    expect(least([known(9, 8, 10), untold, noLimit('idle'), known(7, 1, 20)])).toEqual(known(7, 1, 10))
    expect(least([noLimit('idle'), untold])).toEqual(untold)
    expect(least([noLimit('idle')])).toEqual(noLimit('idle'))
  })
})
