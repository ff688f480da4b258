import { expect, it } from 'vitest'
import { fakeExperiment, fakeHost, fakePlan } from '../../../test/fakes/fake-experiment.ts'
import type { ExperimentPhase } from '../../shared/contract/index.ts'
import { reopenExperiment } from './experiment-record.ts'

it.each([
  ['its policy', 1, 'unconfirmed'],
  ['the kernel alone', 0, 'restored'],
] as const)(
  'says how far it is known of a host whose workbench was closed under %s while it stopped',
  (_, arm, state) => {
    const phase: ExperimentPhase = {
      pair: 0,
      attempt: 0,
      arm,
      state: 'measuring',
      startedAt: 1,
      measuredFrom: 2,
    }
    const host = { ...fakeHost({ db: [[1, 2]] }), state: 'running' as const, phases: [phase] }
    const stopping = { ...fakeExperiment(fakePlan({}), [host]), state: 'stopping' as const }
    expect(reopenExperiment(stopping, 5)).toMatchObject({
      state: 'stopped',
      hosts: [{ state, phases: [{ state: 'invalid', fault: { code: 'workbench-closed' } }] }],
    })
  },
)
