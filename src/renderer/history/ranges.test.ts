import { expect, it } from 'vitest'
import { baseOf, choiceOf, moderate, rangeAt, renewalMs, shownRange, withChoice } from './ranges.ts'

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

it.each([
  ['', '15m'],
  ['range=90d', '90d'],
  ['range=9y', '15m'],
  [
    'from=2026-11-29T10:00:00Z&to=2026-11-29T11:00:00Z',
    { from: Date.UTC(2026, 10, 29, 10), to: Date.UTC(2026, 10, 29, 11) },
  ],
  ['from=2026-11-29T11:00:00Z&to=2026-11-29T10:00:00Z&range=6h', '6h'],
  ['from=x&to=y', '15m'],
  ['from=0001-01-01T00:00:00Z&to=2026-11-29T10:00:00Z', '15m'],
])('reads %j of an address', (text, choice) => {
  expect(choiceOf(new URLSearchParams(text))).toEqual(choice)
})

it('writes a range into an address and leaves the rest of it', () => {
  const choice = { from: Date.UTC(2026, 0, 1), to: Date.UTC(2026, 0, 2) }
  const query = withChoice(new URLSearchParams('range=6h&text=a'), choice)
  expect([query.get('text'), baseOf(query), choiceOf(query)]).toEqual(['a', '6h', choice])
  expect(withChoice(query, '7d').toString()).toBe('range=7d&text=a')
})

it('ends now, or where it was asked to', () => {
  expect(rangeAt('15m', 20 * minute)).toEqual({ from: 5 * minute, to: 20 * minute })
  expect(rangeAt({ from: 1, to: 2 }, 20 * minute)).toEqual({ from: 1, to: 2 })
})

it('keeps what was asked for within what can be shown', () => {
  const now = Date.UTC(2026, 0, 2)
  expect(moderate({ from: now - 10 * minute, to: now + minute }, now)).toEqual({
    from: now - 10 * minute,
    to: now,
  })
  expect(moderate({ from: now - 5, to: now - 4 }, now)).toEqual({ from: now - 4 - 30_000, to: now - 4 })
  expect(moderate({ from: -1, to: now }, now).from).toBe(Date.UTC(2000, 0))
})
