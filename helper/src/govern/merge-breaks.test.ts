import { describe, expect, it } from 'vitest'
import { MergeBreaks } from './merge-breaks.ts'

describe('MergeBreaks', () => {
  it('tells what was lost between two measurements over as long a time again', () => {
    const breaks = new MergeBreaks()
    breaks.noteMerged(1, 1000, 0, false)
    expect(breaks.countBreaks(1, 50)).toBeUndefined()
    breaks.noteMerged(1, 400, 100, false)
    expect([100, 150, 200, 900].map((at) => breaks.countBreaks(1, at))).toEqual([0, 300, 600, 600])
    breaks.noteMerged(1, 900, 300, false)
    breaks.noteMerged(1, 700, 400, false)
    expect([400, 500].map((at) => breaks.countBreaks(1, at))).toEqual([600, 800])
  })

  it('takes unmerging by the switch for no break, and forgets guests that ended', () => {
    const breaks = new MergeBreaks()
    breaks.noteMerged(1, 1000, 0, false)
    breaks.noteMerged(1, 0, 100, true)
    expect(breaks.countBreaks(1, 200)).toBe(0)
    breaks.keepOnly(new Set([2]))
    expect(breaks.countBreaks(1, 200)).toBeUndefined()
  })
})
