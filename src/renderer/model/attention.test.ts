import { describe, expect, it } from 'vitest'
import { fakeSample } from '../../../test/fakes/fake-sample.ts'
import type { HostView } from '../../shared/contract/index.ts'
import { isTrouble, needsOf, urgencyOf } from './attention.ts'

const view = (more: Partial<HostView> = {}): HostView => ({
  host: { id: 'a', name: 'a', address: 'a', mode: 'observe', tags: [] },
  connection: { state: 'connected', since: 1 },
  latest: fakeSample(),
  sparkline: [],
  tasks: [],
  ...more,
})
const failed = (code: 'unreachable' | 'host-key-changed'): HostView =>
  view({ connection: { state: 'disconnected', since: 1, problem: { code, message: 'm', remedy: 'r' } } })
const pressed = fakeSample({ gauges: { memorySomePressureRatio: 0.3, swapUsedBytes: 5e7 } })
const kinds = (one: HostView) => needsOf(one).map(({ kind }) => kind)

describe('what a host needs', () => {
  it.each([
    ['nothing', view(), []],
    ['a key that changed', failed('host-key-changed'), ['blocked']],
    [
      'a host that is down, whatever was measured before',
      { ...failed('unreachable'), latest: pressed },
      ['down'],
    ],
    ['pressure before swap', view({ latest: pressed }), ['pressure', 'swap']],
    ['a clock that is off', view({ clockAheadSeconds: -600 }), ['clock']],
    [
      'guests that were never assessed',
      view({ latest: fakeSample({ guests: [{ pid: 1, name: 'w', rssBytes: 1 }] }) }),
      ['not-assessed'],
    ],
    [
      'an admin who disconnected it: nothing',
      view({ connection: { state: 'disconnected', since: 1 }, latest: pressed }),
      [],
    ],
  ])('is told of %s', (_, one, expected) => expect(kinds(one)).toEqual(expected))

  it('says why and what to do, and tells trouble from chances', () => {
    const [down] = needsOf(failed('unreachable'))
    expect(down).toMatchObject({ title: 'host unreachable', reason: 'm', remedy: 'r' })
    expect(down && isTrouble(down)).toBe(true)
    const assessment = { arrivedAt: 1, at: 1, unreadable: [] } as unknown as NonNullable<
      HostView['assessment']
    >
    const [chance] = needsOf(view({ assessment, reclaimableBytes: 1e8 }))
    expect(chance).toMatchObject({ kind: 'reclaimable' })
    expect(chance?.reason).toMatch(/^10 % of its memory/)
    expect(chance && isTrouble(chance)).toBe(false)
    expect(
      kinds(
        view({
          assessment,
          reclaimableBytes: 1e8,
          policy: { id: 'run', mode: 'session', since: 1, scrub: 'adaptive', ksm: 'govern' },
        }),
      ),
    ).toEqual([])
  })

  it('orders hosts by their first need', () => {
    const order = [failed('host-key-changed'), failed('unreachable'), view({ latest: pressed }), view()].map(
      urgencyOf,
    )
    expect(order).toEqual([...order].sort((a, b) => a - b))
    expect(new Set(order).size).toBe(4)
  })
})
