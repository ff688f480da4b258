import { describe, expect, it } from 'vitest'
import { fakeRound } from '../../../test/fakes/fake-round.ts'
import { type PolicyRound, type PolicyRun, policySchema } from '../../shared/contract/index.ts'
import { PolicyNotes } from './policy-notes.ts'

const round = (sequence: number, ...decisions: string[]): PolicyRound =>
  fakeRound({ at: 1000 * sequence, sequence, decisions })
const run = (rounds: PolicyRound[], change: Partial<PolicyRun> = {}): PolicyRun => ({
  id: 'run',
  policy: policySchema.parse({ scrub: { mode: 'adaptive' } }),
  mode: 'service',
  since: 500,
  who: 'root',
  from: 'local',
  rounds,
  ...change,
})
const texts = (notes: readonly { readonly text: string }[]) => notes.map(({ text }) => text)
const began = 'root started a policy in service mode: scrub adaptive, KSM observe'

describe('notes of a policy', () => {
  it('tell each sentence once when it is new, by the clock of the workbench', () => {
    const notes = new PolicyNotes()
    expect(notes.follow(run([round(1, 'a'), round(2, 'a', 'b')]), 9000, 100)).toEqual([
      { since: 500, mode: 'service', at: 600, sequence: 0, text: began },
      { since: 500, mode: 'service', at: 1100, sequence: 1, text: 'a' },
      { since: 500, mode: 'service', at: 2100, sequence: 2, text: 'b' },
    ])
    expect(texts(notes.addRound(round(3, 'b'), 9000))).toEqual([])
    expect(notes.addRound(round(4, 'a'), 9500)).toEqual([])
    expect(notes.addRound(round(5, 'a'), 400_000)).toMatchObject([{ at: 400_000, sequence: 5, text: 'a' }])
    expect(notes.follow(run([round(4, 'a'), round(5, 'a')]), 9900, 100)).toEqual([])
  })

  it('tell a sentence whose figures alone change once, as long as it is said', () => {
    const notes = new PolicyNotes()
    notes.follow(run([]), 0, 0)
    const say = (sequence: number, text: string) =>
      texts(notes.addRound(round(sequence, text), sequence * 60_000))
    expect(say(1, 'adaptive: 4479640 pages of room, evicts nothing')).toHaveLength(1)
    for (let minute = 2; minute < 20; minute += 1)
      expect(say(minute, `adaptive: ${minute * 997} pages of room, evicts nothing`)).toEqual([])
    expect(say(20, 'evicted 12.5 MiB (3,200 pages) of /a.img')).toHaveLength(1)
    expect(say(21, 'evicted 1 KiB (1 pages) of /a.img')).toEqual([])
    expect(say(22, 'regret of streams 0.3 passed its bound 0.1')).toHaveLength(1)
    expect(say(40, 'regret of streams 0.4 passed its bound 0.1')).toHaveLength(1)
  })

  it('guess nothing of rounds that came before the first one known', () => {
    const notes = new PolicyNotes()
    expect(texts(notes.follow(run([round(7, 'stands'), round(8, 'stands', 'new')]), 9000, 0))).toEqual([
      began,
      'new',
    ])
  })

  it('tell the end of a session, but not of a service that goes on', () => {
    const notes = new PolicyNotes()
    notes.follow(run([]), 1000, 0)
    expect(notes.leave(2000)).toEqual([])
    notes.follow(run([], { id: 'second', mode: 'session', since: 700 }), 3000, 0)
    expect(texts(notes.leave(4000))).toEqual(['the policy ended with its session'])
    expect(notes.leave(5000)).toEqual([])
    notes.follow(run([], { id: 'third', since: 800 }), 6000, 0)
    expect(texts(notes.follow(run([], { id: 'fourth', since: 900 }), 7000, 0))).toEqual([
      'the policy was replaced by another',
      began,
    ])
    expect(texts(notes.follow(undefined, 8000, 0))).toEqual(['the policy ended'])
    expect(notes.addRound(round(1, 'x'), 9000)).toEqual([])
  })
})
