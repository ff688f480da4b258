import { expect, it } from 'vitest'
import { fakeRound } from '../../../test/fakes/fake-round.ts'
import { newestRounds } from './round-tally.ts'

it('tells all rounds that an answer has room for, and of long ones the newest', () => {
  const short = Array.from({ length: 200 }, (_, index) => fakeRound({ sequence: index + 1 }))
  expect(newestRounds(short)).toEqual(short)
  const decisions = Array.from({ length: 32 }, () => '\u0001'.repeat(1024))
  const long = short.map((round) => ({ ...round, decisions }))
  const told = newestRounds(long)
  expect(told.length).toBeGreaterThanOrEqual(10)
  expect(told.at(-1)?.sequence).toBe(200)
  expect(JSON.stringify(told).length).toBeLessThan(2 ** 22)
  expect(newestRounds([])).toEqual([])
})
