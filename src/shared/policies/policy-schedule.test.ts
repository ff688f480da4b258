import { describe, expect, it } from 'vitest'
import { policySchema } from '../contract/policies.ts'
import { findNextChange, isWithinWindows, localClock } from './policy-schedule.ts'

const berlin = localClock('Europe/Berlin')
const at = (text: string) => Date.parse(text)
const schedule = (...windows: object[]) => {
  const { schedule: parsed } = policySchema.parse({ schedule: { windows } })
  if (parsed === undefined) throw new Error('it has no schedule')
  return parsed
}
const nights = schedule({ from: '22:00', to: '06:00' })
const week = schedule({ days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '22:00', to: '06:00' })

const isIn = (windows: typeof nights, text: string, clock = berlin) =>
  isWithinWindows(windows, clock, at(text))
const next = (windows: typeof nights, text: string, clock = berlin) => {
  const found = findNextChange(windows, clock, at(text))
  return found === undefined ? undefined : new Date(found).toISOString().slice(0, 16)
}

describe('a window', () => {
  it.each([
    ['2026-11-25T20:59:59Z', false], // 21:59 in Berlin
    ['2026-11-25T21:00:00Z', true],
    ['2026-11-26T04:59:59Z', true],
    ['2026-11-26T05:00:00Z', false], // 06:00
  ])('of the night at %s: %s', (text, expected) => {
    expect(isIn(nights, text)).toBe(expected)
  })

  it('is of the zone of the host', () => {
    expect(isIn(nights, '2026-11-25T12:00:00Z')).toBe(false)
    expect(isIn(nights, '2026-11-25T12:00:00Z', localClock('Pacific/Auckland'))).toBe(true)
    expect(isIn(nights, '2026-11-25T17:00:00Z', localClock('Asia/Kathmandu'))).toBe(true) // 22:45 there
  })

  it.each([
    ['2026-11-27T22:00:00Z', true], // Friday night
    ['2026-11-28T04:00:00Z', true], // Saturday 05:00, since Friday
    ['2026-11-28T22:00:00Z', false], // Saturday night
    ['2026-11-30T04:00:00Z', false], // Monday 05:00 would be since Sunday
    ['2026-11-30T22:00:00Z', true],
  ])('that passes midnight belongs to the day on which it begins: at %s %s', (text, expected) => {
    expect(isIn(week, text)).toBe(expected)
  })

  it('may last to the end of the day, and several add up', () => {
    const two = schedule({ from: '00:00', to: '12:00' }, { from: '12:00', to: '24:00' })
    expect(isIn(two, '2026-11-25T22:59:00Z')).toBe(true)
    expect(next(two, '2026-11-25T12:00:00Z')).toBeUndefined()
  })
})

describe('the next change', () => {
  it.each([
    [nights, '2026-11-25T12:00:30Z', '2026-11-25T21:00'],
    [nights, '2026-11-25T21:00:00Z', '2026-11-26T05:00'],
    [week, '2026-11-28T05:00:00Z', '2026-11-30T21:00'], // over a weekend
  ])('of %o after %s is at %s', (windows, text, expected) => {
    expect(next(windows, text)).toBe(expected)
  })
})

describe('where clocks change', () => {
  const early = schedule({ from: '02:00', to: '03:00' })
  const half = schedule({ from: '02:30', to: '04:00' })

  it('a window that falls into the hour skipped in spring does not come that day', () => {
    // 29 March 2026: 01:59 CET is followed by 03:00 CEST, at 01:00 UTC.
    expect(next(early, '2026-03-28T12:00:00Z')).toBe('2026-03-30T00:00')
  })

  it('a window that reaches into it begins when the clock has gone on', () => {
    expect(next(half, '2026-03-28T12:00:00Z')).toBe('2026-03-29T01:00') // 03:00 CEST
    expect(next(half, '2026-03-29T01:00:00Z')).toBe('2026-03-29T02:00') // 04:00 CEST
  })

  it('a window in the hour that comes twice in autumn is there twice', () => {
    // 25 October 2026: 02:59 CEST is followed by 02:00 CET, at 01:00 UTC.
    expect(next(early, '2026-10-24T12:00:00Z')).toBe('2026-10-25T00:00')
    expect(next(early, '2026-10-25T00:00:00Z')).toBe('2026-10-25T02:00') // 03:00 CET, two hours later
    expect(next(half, '2026-10-25T00:00:00Z')).toBe('2026-10-25T00:30')
    expect(next(half, '2026-10-25T00:30:00Z')).toBe('2026-10-25T01:00') // the clock goes back out of it
    expect(next(half, '2026-10-25T01:00:00Z')).toBe('2026-10-25T01:30')
  })

  it('a night is an hour shorter in spring and an hour longer in autumn', () => {
    const hours = (from: string) => {
      const begin = findNextChange(nights, berlin, at(from)) ?? 0
      return ((findNextChange(nights, berlin, begin) ?? 0) - begin) / 3_600_000
    }
    expect([hours('2026-03-28T12:00:00Z'), hours('2026-10-24T12:00:00Z')]).toEqual([7, 9])
  })
})

describe('a schedule in a policy', () => {
  it.each([
    [{ windows: [] }, /windows/],
    [{ windows: [{ from: '25:00', to: '06:00' }] }, /from/],
    [{ windows: [{ from: '24:00', to: '06:00' }] }, /from/],
    [{ windows: [{ from: '6:00', to: '07:00' }] }, /from/],
    [{ windows: [{ from: '06:00', to: '06:00' }] }, /must differ/],
    [{ windows: [{ days: [], from: '06:00', to: '07:00' }] }, /days/],
    [{ windows: [{ days: ['monday'], from: '06:00', to: '07:00' }] }, /days/],
  ])('refuses %j', (given, why) => {
    expect(() => policySchema.parse({ schedule: given })).toThrow(why)
  })
})
