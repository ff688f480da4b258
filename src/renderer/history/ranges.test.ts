import { expect, it } from 'vitest'
import { renewalMs, shownRange } from './ranges.ts'

const minute = 60_000

it.each([
  ['no samples', undefined, 0],
  ['samples all along', [0, 1], 0],
  ['samples since 5 minutes', [10 * minute], 10 * minute],
  ['one fresh sample', [15 * minute - 1], 13 * minute],
])('shows what there is with %s', (_, at, from) => {
  expect(shownRange({ from: 0, to: 15 * minute }, at)).toEqual({ from, to: 15 * minute })
})

it('asks as often as points appear, every 2 s to 60 s', () => {
  expect(renewalMs(15 * minute)).toBe(2_000)
  expect(renewalMs(7 * 24 * 60 * minute)).toBe(60_000)
})
