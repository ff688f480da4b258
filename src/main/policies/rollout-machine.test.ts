import { describe, expect, it } from 'vitest'
import { policySchema, rolloutPlan } from '../../shared/contract/index.ts'
import { type KeptRollout, keptRollout } from './kept-rollout.ts'
import {
  advanceRollout,
  dueActs,
  isOver,
  newRollout,
  type RolloutEvent,
  stagesOfHosts,
} from './rollout-machine.ts'

describe('stages', () => {
  it.each([
    [3, ['1', '50%', '100%'], [0, 1, 2]],
    [10, ['1', '25%', '100%'], [0, 1, 1, 2, 2, 2, 2, 2, 2, 2]],
    [3, ['1', '25%', '100%'], [0, 1, 1]], // 25 % of 3 is the 1 of before, so there are two stages
    [2, ['100%'], [0, 0]],
    [1, ['1', '25%', '100%'], [0]],
    [2, ['5'], [0, 0]],
  ])('of %i hosts by %j', (hosts, stages, expected) => {
    expect(stagesOfHosts(hosts, stages)).toEqual(expected)
  })

  it('are refused where they shrink or leave hosts out', () => {
    expect(() => stagesOfHosts(10, ['50%', '2', '100%'])).toThrow(
      /stage 2 is 2 of 10 hosts, fewer than the 5/,
    )
    expect(() => stagesOfHosts(10, ['1', '25%'])).toThrow(/the last stage is 3 of 10 hosts/)
  })
})

const plan = rolloutPlan.parse({
  hostIds: ['a', 'b', 'c'],
  policy: {},
  stages: ['1', '50%', '100%'],
  waitSeconds: 10,
})

function begin(...events: RolloutEvent[]): KeptRollout {
  const hosts = ['a', 'b', 'c'].map((id) => ({ id, name: `host ${id}` }))
  const begun = newRollout(plan, { id: 'r', startedAt: 1, who: 'root', hosts })
  return events.reduce(advanceRollout, begun)
}

const up = (hostId: string): RolloutEvent[] => [
  { kind: 'starting', hostId },
  { kind: 'started', hostId, mode: 'session' },
]
const waited: RolloutEvent = { kind: 'passed', seconds: 10 }
const states = ({ hosts }: KeptRollout) => hosts.map(({ state }) => state).join(' ')
const due = (rollout: KeptRollout) => dueActs(rollout).map(({ kind, hostId }) => `${kind} ${hostId}`)

describe('a roll-out', () => {
  it('starts the hosts of one stage, and those of the next once all have held', () => {
    expect(due(begin())).toEqual(['start a'])
    expect(due(begin({ kind: 'starting', hostId: 'a' }))).toEqual([])
    expect(begin({ kind: 'starting', hostId: 'a' }, waited).heldSeconds).toBe(0)
    const halfway = begin(...up('a'), { kind: 'passed', seconds: 9 })
    expect([halfway.stage, halfway.heldSeconds, due(halfway)]).toEqual([0, 9, []])
    expect(due(begin(...up('a'), waited))).toEqual(['start b'])
  })

  it('is done when the last stage has held', () => {
    const last = begin(...up('a'), waited, ...up('b'), waited, ...up('c'))
    expect(last.state).toBe('running')
    const done = advanceRollout(last, waited)
    expect([done.state, states(done), due(done)]).toEqual(['done', 'running running running', []])
    expect(isOver(done)).toBe(false)
    const lost = advanceRollout(done, { kind: 'lost', hostId: 'a', why: 'it broke' })
    expect([lost.state, states(lost)]).toEqual(['done', 'ended running running'])
  })

  it('stops and puts back every host it started when one trips', () => {
    const tripped = begin(...up('a'), waited, ...up('b'), { kind: 'tripped', hostId: 'b', why: 'regret' })
    expect([tripped.state, tripped.why, due(tripped)]).toEqual([
      'stopping',
      'host b: regret',
      ['stop a', 'stop b'],
    ])
    const stopped = (['a', 'b'] as const)
      .flatMap((hostId): RolloutEvent[] => [
        { kind: 'stopping', hostId },
        { kind: 'restored', hostId },
      ])
      .reduce(advanceRollout, tripped)
    expect([stopped.state, states(stopped), due(stopped)]).toEqual([
      'stopped',
      'restored restored waiting',
      [],
    ])
    expect(stopped.hosts[1]?.detail).toBe('regret')
    expect(isOver(stopped)).toBe(true)
  })

  it('waits for a start under way before it is stopped', () => {
    const cancelled = begin({ kind: 'starting', hostId: 'a' }, { kind: 'cancelled', why: 'root stopped it' })
    expect([cancelled.state, due(cancelled)]).toEqual(['stopping', []])
    expect(due(advanceRollout(cancelled, { kind: 'started', hostId: 'a', mode: 'session' }))).toEqual([
      'stop a',
    ])
    const refused = advanceRollout(cancelled, { kind: 'refused', hostId: 'a', why: 'busy' })
    expect([refused.state, refused.why, states(refused)]).toEqual([
      'stopped',
      'root stopped it',
      'refused waiting waiting',
    ])
  })

  it('counts a host that is lost or refuses as tripped', () => {
    const lost = begin(...up('a'), { kind: 'lost', hostId: 'a', why: 'the connection broke' })
    expect([lost.state, states(lost)]).toEqual(['stopped', 'unconfirmed waiting waiting'])
    const refused = begin(...up('a'), waited, { kind: 'refused', hostId: 'b', why: 'busy' })
    expect([refused.state, due(refused)]).toEqual(['stopping', ['stop a']])
  })

  it('starts its hosts again after a restart, at the stage it had reached', () => {
    const before = begin(...up('a'), waited, ...up('b'), { kind: 'passed', seconds: 5 })
    const after = advanceRollout(before, { kind: 'reopened' })
    expect([after.state, after.stage, after.heldSeconds, due(after)]).toEqual([
      'running',
      1,
      0,
      ['start a', 'start b'],
    ])
    const stopping = begin(...up('a'), { kind: 'cancelled', why: 'enough' }, { kind: 'reopened' })
    expect([stopping.state, states(stopping)]).toEqual(['stopped', 'ended waiting waiting'])
  })

  it('leaves open over a restart whether a start under way succeeded, and keeps what stood before', () => {
    const before = policySchema.parse({ scrub: { mode: 'observe', intervalSeconds: 9 } })
    const starting = begin(
      { kind: 'starting', hostId: 'a' },
      { kind: 'found', hostId: 'a', before },
      { kind: 'reopened' },
    )
    expect([states(starting), due(starting)]).toEqual(['starting waiting waiting', []])
    expect(starting.hosts[0]).toMatchObject({ before, goesBack: true })
    const not = advanceRollout(starting, { kind: 'not-started', hostId: 'a' })
    expect(due(not)).toEqual(['start a'])
    // What the start before has left there is not what stood before.
    const again = [
      { kind: 'starting', hostId: 'a' } as const,
      { kind: 'found', hostId: 'a', before: plan.policy } as const,
    ].reduce(advanceRollout, not)
    expect(again.hosts[0]).toMatchObject({ before, goesBack: true })
    const stopping = begin({ kind: 'starting', hostId: 'a' }, { kind: 'cancelled', why: 'enough' })
    const ended = [{ kind: 'reopened' } as const, { kind: 'not-started', hostId: 'a' } as const]
    expect(ended.reduce(advanceRollout, stopping).state).toBe('stopped')
  })

  it('does not go on after a late event', () => {
    const stopped = begin({ kind: 'cancelled', why: 'enough' })
    expect(stopped.state).toBe('stopped')
    for (const event of [...up('a'), waited]) expect(advanceRollout(stopped, event)).toBe(stopped)
  })
})

it('can be kept and shown whatever a host says of why', () => {
  const why = 'x'.repeat(4096)
  const events: RolloutEvent[] = [
    { kind: 'unjudged', hostId: 'a', why },
    { kind: 'tripped', hostId: 'a', why },
    { kind: 'lost', hostId: 'a', why },
    { kind: 'unconfirmed', hostId: 'a', why },
    { kind: 'replaced', hostId: 'a', why },
    { kind: 'refused', hostId: 'b', why },
    { kind: 'cancelled', why },
  ]
  for (const event of events) {
    const { error } = keptRollout.safeParse(begin(...up('a'), event))
    expect(error?.issues, event.kind).toBeUndefined()
  }
})
