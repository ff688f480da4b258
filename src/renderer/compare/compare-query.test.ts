import { expect, it } from 'vitest'
import { choiceFrom, withCompared } from './compare-query.ts'

it('is the same after a way through the address', () => {
  const choice = {
    hostIds: ['a', 'b'],
    metric: 'hitRatio',
    per: 'baseline',
    as: 'multiples',
    moment: undefined,
  } as const
  expect(choiceFrom(withCompared(new URLSearchParams(), choice))).toEqual(choice)
  const one = { ...choice, hostIds: ['a'], moment: Date.UTC(2026, 10, 29, 10) }
  expect(choiceFrom(withCompared(new URLSearchParams('range=7d'), one))).toEqual(one)
})

it.each([
  ['', [], 'mergedBytes', undefined],
  ['hosts=a,,a,b&metric=nonsense&per=x&moment=never', ['a', 'b'], 'mergedBytes', undefined],
  ['hosts=a,b&moment=2026-11-29T10:00Z', ['a', 'b'], 'mergedBytes', undefined],
])('makes the best of %j', (search, hostIds, metric, moment) => {
  expect(choiceFrom(new URLSearchParams(search))).toMatchObject({ hostIds, metric, per: 'host', moment })
})
