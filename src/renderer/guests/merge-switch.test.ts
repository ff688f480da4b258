import { describe, expect, it } from 'vitest'
import type { HostView, SampledGuest, Task } from '../../shared/contract/index.ts'
import type { GuestRow } from './guest-rows.ts'
import { guestOf, switchesFrom, whyNoSwitch } from './merge-switch.ts'

const sampled: SampledGuest = { pid: 7, name: 'web', rssBytes: 1, merging: 'on' }
const row: GuestRow = { pid: 7, name: 'web', sampled }
const view = (guests: readonly SampledGuest[], tasks: readonly Task[] = []): HostView => ({
  host: { id: 'a', name: 'a', address: 'a', mode: 'change', tags: [] },
  connection: { state: 'connected', since: 1 },
  latest: {
    at: 1,
    monotonicSeconds: 1,
    memory: { totalBytes: 1, freeBytes: 1, availableBytes: 1, cachedBytes: 1 },
    gauges: {},
    guests: [...guests],
    images: [],
    helper: { cpuSeconds: 0, rssBytes: 0 },
    unreadable: [],
  },
  sparkline: [],
  tasks: [...tasks],
})
const task = (kind: Task['kind']): Task => ({ id: 't', hostId: 'a', kind, title: 'Scrub', startedAt: 1 })

describe('switching the merging of a guest', () => {
  it.each([
    ['on', [false]],
    ['off', [true]],
    ['partly', [true, false]],
    ['never', []],
    [undefined, []],
  ] as const)('from %s leads to %j', (merging, ways) => expect(switchesFrom(merging)).toEqual(ways))

  it('is open, unless something stands against it', () => {
    expect(whyNoSwitch(row, view([sampled]), undefined)).toBeUndefined()
    expect(whyNoSwitch(row, view([sampled], [task('connect')]), undefined)).toBeUndefined()
    expect(whyNoSwitch(row, view([sampled], [task('scrub')]), undefined)).toBe(
      'Scrub is still running on this host.',
    )
    expect(whyNoSwitch(row, view([sampled]), 'observe mode')).toBe('observe mode')
    expect(whyNoSwitch({ pid: 7, name: 'web' }, view([]), undefined)).toMatch(/has ended/)
  })

  it('says why the monitor is out of reach, and the way out', () => {
    const monitorProblem = {
      code: 'not-supported',
      message: 'it has none to spare',
      remedy: 'Start it so.',
    } as const
    expect(whyNoSwitch({ ...row, sampled: { ...sampled, monitorProblem } }, view([sampled]), undefined)).toBe(
      'it has none to spare. What to do: Start it so.',
    )
  })

  it('names the guest, and by its process where two have the name', () => {
    expect(guestOf(row, view([sampled, { ...sampled, pid: 8, name: 'db' }]))).toBe('web')
    expect(guestOf(row, view([sampled, { ...sampled, pid: 8 }]))).toBe(7)
  })
})
