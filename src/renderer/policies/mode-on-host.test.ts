import { describe, expect, it } from 'vitest'
import { isSettled, modeOnHost } from './mode-on-host.ts'

const none = { status: undefined, problem: undefined }
const of = (
  state: 'absent' | 'unsupported' | 'starting' | 'running' | 'stopping' | 'stopped' | 'failed',
) => ({
  status: { state, hasPolicy: false },
  problem: undefined,
})

describe('who would run a policy on a host', () => {
  it.each([
    ['absent', 'session'],
    ['unsupported', 'session'],
    ['stopped', 'session'],
    ['failed', 'session'],
    ['running', 'service'],
  ] as const)('a service that is %s: %s', (state, mode) => {
    expect(modeOnHost(of(state))).toEqual({ mode })
    expect(isSettled(of(state))).toBe(true)
  })

  it.each([
    [none, /is being asked/],
    [
      { ...none, problem: { code: 'timed-out' as const, message: 'cannot ask systemd: no answer' } },
      /cannot ask systemd/,
    ],
    [of('starting'), /is starting/],
    [of('stopping'), /is stopping/],
  ])('nobody knows, and says why', (service, why) => {
    expect(modeOnHost(service)).toMatchObject({ mode: undefined, why: expect.stringMatching(why) })
    expect(isSettled(service)).toBe(false)
  })
})
