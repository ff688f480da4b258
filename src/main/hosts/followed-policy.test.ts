import { beforeEach, describe, expect, it } from 'vitest'
import { fakeRound } from '../../../test/fakes/fake-round.ts'
import { type PolicyRun, type PolicyStatus, policySchema } from '../../shared/contract/index.ts'
import { FollowedPolicy } from './followed-policy.ts'

const hour = 3_600_000
let now: number
let asked: number
let status: PolicyStatus | Error
let marks: { readonly at: number; readonly text: string }[]
let notes: { readonly at: number; readonly text: string }[]
let followed: FollowedPolicy

beforeEach(() => {
  ;[now, asked, marks, notes, status] = [0, 0, [], [], {}]
  followed = new FollowedPolicy({
    ask: async () => {
      asked += 1
      if (status instanceof Error) throw status
      return status
    },
    mark: (at, text) => marks.push({ at, text }),
    addNotes: (added) => notes.push(...added.map(({ at, text }) => ({ at, text }))),
    changed: () => undefined,
    nowMs: () => now,
  })
})

const run = (change: Partial<PolicyRun> = {}): PolicyRun => ({
  ...{ id: 'first', mode: 'service', since: 10 * hour, who: 'root', from: 'local', rounds: [] },
  policy: policySchema.parse({ scrub: { mode: 'adaptive' } }),
  ...change,
})
const round = (sequence: number, runId = 'first', ...decisions: string[]) =>
  fakeRound({ runId, sequence, at: 10 * hour + sequence, decisions })
const sampleArrives = async (aheadSeconds = 0) => {
  followed.noteClock(aheadSeconds)
  await new Promise(setImmediate)
}

describe('the policy of a host', () => {
  it('is asked for once it is connected, again after a lost connection, and after a long silence', async () => {
    status = { run: run() }
    await sampleArrives()
    expect([asked, followed.run?.id]).toEqual([1, 'first'])
    await sampleArrives()
    expect(asked).toBe(1)
    followed.leave()
    expect(followed.run).toBeUndefined()
    await sampleArrives()
    expect([asked, followed.run?.id]).toEqual([2, 'first'])
    // It ended, and nobody told.
    status = { ended: 'cannot look' }
    now += 31_000
    await sampleArrives()
    expect([asked, followed.run]).toEqual([3, undefined])
  })

  it('is asked for again where a round was lost or belongs to another run', async () => {
    status = { run: run({ rounds: [round(1)] }) }
    await sampleArrives()
    followed.noteRound(round(2))
    expect(asked).toBe(1)
    status = { run: run({ rounds: [round(3, 'first', 'was lost'), round(4)] }) }
    followed.noteRound(round(4))
    await sampleArrives()
    expect(asked).toBe(2)
    expect(notes.map(({ text }) => text)).toContain('was lost')
    status = { run: run({ id: 'second', rounds: [round(1, 'second')] }) }
    followed.noteRound(round(1, 'second'))
    await sampleArrives()
    expect([asked, followed.run?.id, followed.lastRound?.runId]).toEqual([3, 'second', 'second'])
  })

  it('is asked for again soon where the host could not say', async () => {
    status = new Error('the service starts')
    await sampleArrives()
    expect(followed.run).toBeUndefined()
    status = { run: run() }
    now += 6_000
    await sampleArrives()
    expect([asked, followed.run?.id]).toEqual([2, 'first'])
  })

  it('is noted only once it is known how far the clock of the host is ahead, at our time', async () => {
    followed.noteStatus({ run: run({ rounds: [round(1, 'first', 'evicts nothing')] }) })
    expect([marks, notes]).toEqual([[], []])
    followed.noteClock(3600)
    expect(marks).toEqual([{ at: 9 * hour, text: 'policy scrub adaptive, KSM observe runs' }])
    expect(notes).toEqual([
      { at: 9 * hour, text: 'root started a policy in service mode: scrub adaptive, KSM observe' },
      { at: 9 * hour + 1, text: 'evicts nothing' },
    ])
    // The next connection tells anew what its clock says.
    followed.leave()
    followed.noteStatus({ run: run({ rounds: [round(1, 'first', 'evicts nothing')] }) })
    expect(notes).toHaveLength(2)
  })

  it('has one mark a run, also where its service outlives the connection', async () => {
    status = { run: run() }
    await sampleArrives()
    followed.leave()
    await sampleArrives()
    expect(marks).toHaveLength(1)
    status = {}
    followed.leave()
    await sampleArrives()
    expect(marks.map(({ text }) => text)).toEqual([expect.stringContaining('runs'), 'policy ended'])
  })
})
