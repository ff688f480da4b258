import { expect, it } from 'vitest'
import { formatMoment, formatSpan } from './moments.ts'

it.each([
  [-5_000, '0 s'],
  [42_400, '42 s'],
  [60_000, '1 min'],
  [3_600_000, '1 h'],
  [7_500_000, '2 h 5 min'],
  [90 * 3_600_000, '3 d'],
])('formats a span of %d ms', (milliseconds, text) => {
  expect(formatSpan(milliseconds)).toBe(text)
})

it('names the day unless it is today', () => {
  const noon = new Date(2026, 10, 24, 12, 0, 0).getTime()
  expect(formatMoment(noon, noon + 60_000)).toBe('12:00:00')
  expect(formatMoment(noon, noon + 86_400_000)).toBe('2026-11-24 12:00:00')
})
