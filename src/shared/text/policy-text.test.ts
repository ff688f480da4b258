import { describe, expect, it } from 'vitest'
import { fakeRound } from '../../../test/fakes/fake-round.ts'
import { defaultChangePolicy } from '../policies/policy-file.ts'
import { describeGuard, describePreview, describeRoundLine, describeStatus } from './policy-text.ts'

const round = fakeRound({
  evictedBytes: 3 * 2 ** 20,
  returnedBytes: 2 ** 20,
  cpu: { helperRatio: 0.02, ksmdRatio: 0.1 },
  decisions: ['adaptive: evicts nothing'],
})

describe('a policy in words', () => {
  it('tells a round in one line, without what is not reported', () => {
    expect(describeRoundLine(round)).toBe('evicted 3 MiB, came back 1 MiB; CPU 12.0 % of one core')
    const ksm = { scanning: true, bursting: true, mergedBytes: 2 ** 20, mergedSinceBytes: 0 }
    expect(describeRoundLine({ ...round, ksm, cpu: { helperRatio: 0.02 } })).toBe(
      "evicted 3 MiB, came back 1 MiB; merged 1 MiB; CPU 2.0 % of one core without ksmd's, which /proc does not show",
    )
  })

  it.each([
    [
      { name: 'regret of streams', unit: 'ratio', bound: 0.1 },
      'regret of streams: nothing measured yet, bound 0.10',
    ],
    [
      { name: 'read latency', unit: 'seconds', value: 0.0123, bound: 0.03, pausedSeconds: 4.2 },
      'read latency: 12.3 ms, bound 30.0 ms; paused for 5 s',
    ],
  ] as const)('tells a guard %#', (reading, text) => {
    expect(describeGuard(reading)).toBe(text)
  })

  it('says each decision of a preview once, and that nothing was changed', () => {
    const text = describePreview({ rounds: [round, round], wouldEvictBytes: 0, costs: ['costs something'] })
    expect(text.split('\n')).toEqual([
      'would evict 0 B of image cache',
      'adaptive: evicts nothing',
      'costs something',
      'nothing was changed',
    ])
  })

  it('names who runs what, whether here or in another process', () => {
    const run = {
      id: 'run',
      policy: defaultChangePolicy(),
      mode: 'session',
      since: 0,
      who: 'anna',
      from: 'x',
      rounds: [round],
    } as const
    expect(describeStatus({ run: { ...run, rounds: [round] } })).toContain(
      'in session mode since 1970-01-01T00:00:00.000Z (anna)',
    )
    expect(describeStatus({ heldBy: { pid: 7, who: 'bert', action: 'govern', since: 0 } })).toBe(
      'process 7 (bert) has been running "govern" since 1970-01-01T00:00:00.000Z',
    )
    expect(describeStatus({})).toBe('no policy runs on this host')
    expect(describeStatus({ holderUnknown: 'cannot read /run/lock' })).toMatch(/holder unknown.*\/run\/lock/)
    expect(describeStatus({ warning: 'it would run again' })).toBe(
      'no policy runs on this host\nwarning: it would run again',
    )
  })
})
