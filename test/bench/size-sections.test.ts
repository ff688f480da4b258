import { describe, expect, it } from 'vitest'
import type { SizeTrial } from './size-ksm.ts'
import { keptResults } from './size-sections.ts'

const round = {
  pages: 100,
  copySeconds: 1,
  assessSeconds: 2,
  twoThreadsSeconds: 1.5,
  peakRssBytes: 10,
  otherCpuRatio: 0,
}
const trial = (contender: string): SizeTrial => ({
  contender,
  potentialBytes: 1,
  leftBytes: 0,
  hugeAfterMergingBytes: 0,
  points: [],
  endedByItself: false,
})
const earlier = { assessed: [round], trials: [trial('ours'), trial('stock')] }

describe('parts of a benchmark that the report holds', () => {
  it('stay where they are not measured now, and are replaced where they are', () => {
    expect(keptResults({ earlier, only: ['assess'] })).toEqual({ assessed: [], trials: earlier.trials })
    expect(keptResults({ earlier, only: ['ours'] })).toEqual({ assessed: [round], trials: [trial('stock')] })
  })

  it('are pooled with what is added', () => {
    expect(keptResults({ earlier, only: ['ours'], adds: true })).toEqual(earlier)
    expect(keptResults({ earlier, adds: true })).toEqual(earlier)
  })

  it('are none where nothing was measured before', () => {
    expect(keptResults({ only: ['ours'], adds: true })).toEqual({ assessed: [], trials: [] })
  })
})
