import { describe, expect, it } from 'vitest'
import { fakeRound } from '../../../test/fakes/fake-round.ts'
import type { GuardReading, PolicyRound } from '../../shared/contract/index.ts'
import { withValue } from '../../shared/with-value.ts'
import { whyTripped } from './judge-round.ts'

function round(memoryPressureRatio: number | undefined, ...guards: GuardReading[]): PolicyRound {
  return fakeRound({ ...withValue({ memoryPressureRatio }), guards })
}

const regret: GuardReading = { name: 'regret of streams', unit: 'ratio', bound: 0.1 }
const latency: GuardReading = { name: 'read latency', unit: 'seconds', bound: 0.01 }
const quiet = round(0.01)

describe('a round', () => {
  it.each([
    ['nothing to judge by yet', round(undefined, regret, latency)],
    ['guards within their bounds', round(0.05, { ...regret, value: 0.1 }, { ...latency, value: 0.002 })],
    ['ksmd at its budget', round(0.05, { name: 'CPU', unit: 'ratio', value: 0.3, bound: 0.2 })],
  ])('goes on with %s', (_, seen) => {
    expect(whyTripped(seen, quiet, 0.2)).toBeUndefined()
  })

  it.each([
    ['regret of streams: 0.20, bound 0.10', round(0, { ...regret, value: 0.2 })],
    ['read latency: 20.0 ms, bound 10.0 ms', round(0, { ...latency, value: 0.02 })],
    ['paused for 30 s', round(0, { ...regret, value: 0.05, pausedSeconds: 30 })],
    ['memory pressure: 30.0 %, bound 20.0 %', round(0.3)],
  ])('trips with %s', (why, seen) => {
    expect(whyTripped(seen, quiet, 0.2)).toContain(why)
  })

  it('does not trip where memory was as short before', () => {
    expect(whyTripped(round(0.5), round(0.3), 0.2)).toBeUndefined()
    expect(whyTripped(round(0.7), round(0.3), 0.2)).toContain('70.0 %')
  })
})
