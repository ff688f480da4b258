import { describe, expect, it } from 'vitest'
import { fakeRound } from '../../../test/fakes/fake-round.ts'
import { firstMissing, joinRounds } from './run-rounds.ts'

const hour = 3_600_000
const round = (sequence: number, runId = 'now', at = 10 * hour) => fakeRound({ runId, sequence, at })
const run = { id: 'now', rounds: [round(1), round(2)] }
const names = (rounds: readonly { runId: string; sequence: number }[]) =>
  rounds.map(({ runId, sequence }) => `${runId} ${sequence}`)

describe('rounds of a run', () => {
  it('are each there once, whatever the clock of the host has done', () => {
    const told = [round(2), round(3, 'now', 9 * hour), round(4, 'now', 11 * hour)]
    expect(names(joinRounds(run, told))).toEqual(['now 1', 'now 2', 'now 3', 'now 4'])
    expect(firstMissing(run, told)).toBeUndefined()
  })

  it('are not those of another run, before it or after it', () => {
    const told = [round(7, 'before', 12 * hour), round(3), round(9, 'after')]
    expect(names(joinRounds(run, told))).toEqual(['now 1', 'now 2', 'now 3'])
    expect(firstMissing(run, told)).toBeUndefined()
  })

  it('are missed where one was not told', () => {
    expect(firstMissing(run, [round(4)])).toBe(3)
    expect(firstMissing(run, [round(3), round(5)])).toBe(4)
    expect(firstMissing({ id: 'now', rounds: [] }, [round(1)])).toBeUndefined()
  })
})
