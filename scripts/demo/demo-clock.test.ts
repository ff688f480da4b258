import { expect, it } from 'vitest'
import { DemoClock } from './demo-clock.ts'

it('counts from the begin of the command, installing and building included', () => {
  const hourAgo = process.hrtime.bigint() - 3600n * 10n ** 9n
  expect(new DemoClock(`${hourAgo}`).took()).toMatch(/^1 h 0 min$/)
  expect(new DemoClock(undefined).took()).toMatch(/^[\d.]+ m?s$/)
})
