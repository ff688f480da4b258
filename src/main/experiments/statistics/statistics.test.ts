// Against SciPy 1.17.1 and R's documented example; the figures and the commands that made them stand beside each test.
import { describe, expect, it } from 'vitest'
import fixtures from '../../../../test/fixtures/statistics/scipy.json' with { type: 'json' }
import { medianOf } from '../../../shared/statistics/median.ts'
import { createRandom } from '../../../shared/statistics/random.ts'
import { bootstrapInterval, meanOf, sortedMedian } from './bootstrap.ts'
import { normalQuantile, normalShareBelow } from './normal.ts'
import { rankInterval, testSignedRanks, typicalValue } from './signed-rank.ts'

describe('the normal distribution', () => {
  it.each(fixtures.normal)('has $share below $z', ({ z, share }) => {
    expect(normalShareBelow(z)).toBeCloseTo(share, 12)
    if (share > 1e-9 && share < 1 - 1e-9) expect(normalQuantile(share)).toBeCloseTo(z, 6)
  })
})

describe('the signed-rank test', () => {
  it.each(fixtures.signedRank)(
    'of $values agrees with SciPy',
    ({ values, positiveRanks, pValue, rankBiserial }) => {
      const found = testSignedRanks(values)
      expect(found.positiveRanks).toBeCloseTo(positiveRanks, 9)
      expect(found.pValue).toBeCloseTo(pValue, 12)
      expect(found.rankBiserial).toBeCloseTo(rankBiserial, 12)
    },
  )

  it('finds nothing where nothing differs', () => {
    expect(testSignedRanks([0, 0, 0])).toEqual({ count: 0, positiveRanks: 0, pValue: 1, rankBiserial: 0 })
  })
})

describe('the typical value and its interval', () => {
  it.each(fixtures.intervals)(
    'of $values agree with all signs counted',
    ({ values, typical, low, high, coverage }) => {
      expect(typicalValue(values)).toBeCloseTo(typical, 12)
      const interval = rankInterval(values)
      expect(interval?.low).toBeCloseTo(low, 12)
      expect(interval?.high).toBeCloseTo(high, 12)
      expect(interval?.coverage).toBeCloseTo(coverage, 12)
    },
  )

  it('need six values', () => {
    expect(rankInterval([1, 2, 3, 4, 5])).toBeUndefined()
    expect(rankInterval([1, 2, 3, 4, 5, 6])?.coverage).toBe(1 - 2 / 64)
  })

  it('have no bounds without values', () => {
    expect(rankInterval([])).toBeUndefined()
    expect(typicalValue([])).toBeNaN()
    expect(medianOf([])).toBeNaN()
  })
})

describe('the BCa bootstrap', () => {
  // Two generators draw other resamples: SciPy's own intervals move by this much from seed to seed.
  it.each(fixtures.bootstrap)(
    'of the $statistic of $values is near SciPy’s',
    ({ values, statistic, low, high, spread }) => {
      const found = bootstrapInterval(values, statistic === 'mean' ? meanOf : sortedMedian, { seed: 7 })
      expect(Math.abs((found?.low ?? Number.NaN) - low)).toBeLessThan(spread)
      expect(Math.abs((found?.high ?? Number.NaN) - high)).toBeLessThan(spread)
    },
  )

  it('is the same for the same seed, and none for one value', () => {
    const values = [0.1, 0.4, -0.2, 0.3, 0.9, 0.2]
    expect(bootstrapInterval(values, sortedMedian, { seed: 3 })).toEqual(
      bootstrapInterval(values, sortedMedian, { seed: 3 }),
    )
    expect(bootstrapInterval([1], meanOf, { seed: 3 })).toBeUndefined()
  })

  it('stays finite where all values are alike', () => {
    expect(bootstrapInterval([2, 2, 2, 2], meanOf, { seed: 1 })).toEqual({ low: 2, high: 2 })
  })
})

describe('seeded draws', () => {
  it('are those of the published generator', () => {
    const random = createRandom(1)
    expect([random.next(), random.next()].map((value) => value.toFixed(6))).toEqual(['0.627074', '0.002736'])
  })
})
