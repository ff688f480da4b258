import { expect, it } from 'vitest'
import { fakeExperiment, fakeHost, fakePlan } from '../../../test/fakes/fake-experiment.ts'
import { endCodeOf } from './experiment-command.ts'

const hosts = [fakeHost({ web: [[1, 2]] }), fakeHost({ web: [[1, 2]] }, 'h2')] as const

it('answers 0 for an experiment that ran to its end on every host', () => {
  expect(endCodeOf(fakeExperiment(fakePlan(), hosts))).toBe(0)
})

it.each(['unconfirmed', 'refused'] as const)('answers 3 where one host of several is %s', (state) => {
  const detail = 'the connection was lost'
  expect(endCodeOf(fakeExperiment(fakePlan(), [hosts[0], { ...hosts[1], state, detail }]))).toBe(3)
})

it('answers 3 for one that was stopped', () => {
  const restored = hosts.map((host) => ({ ...host, state: 'restored' as const }))
  expect(endCodeOf({ ...fakeExperiment(fakePlan(), restored), state: 'stopped' })).toBe(3)
})
