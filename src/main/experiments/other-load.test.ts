import { describe, expect, it } from 'vitest'
import { fakePlan } from '../../../test/fakes/fake-experiment.ts'
import type { ExperimentHost, ExperimentPhase } from '../../shared/contract/index.ts'
import { newExperiment } from './experiment-record.ts'
import { voidLoadedPhases } from './other-load.ts'
import { nextPhase, validPairs } from './schedule.ts'

/** Other programs took so much of a core in the phases of each arm, pair by pair. */
function hostWith(loads: readonly (readonly [number, number])[]): ExperimentHost {
  const start = { id: 'e', startedAt: 0, who: 'me', workbench: 'w' }
  const hosts = [{ id: 'h', name: 'h', address: 'h' }]
  const [host] = newExperiment(fakePlan({ pairs: loads.length }), { ...start, hosts }).hosts
  if (host === undefined) throw new Error('no host')
  const phaseOf = (pair: number, arm: 0 | 1, otherCpuRatio: number): ExperimentPhase => ({
    ...{ pair, attempt: 0, arm, state: 'valid', startedAt: pair, endedAt: pair + 1 },
    figures: { seconds: 1, guests: [], otherCpuRatio },
  })
  const phases = loads.flatMap(([a, b], pair) => [phaseOf(pair, 0, a), phaseOf(pair, 1, b)])
  return { ...host, phases }
}

const voided = (host: ExperimentHost) =>
  voidLoadedPhases(host).phases.flatMap(({ state, pair, arm }) => (state === 'invalid' ? [[pair, arm]] : []))

describe('load of other programs', () => {
  it('voids an early phase once it is known what is usual, and its pair is run again', () => {
    const before = hostWith([
      [0.05, 0.51],
      [0.06, 0.04],
      [0.02, 0.07],
    ])
    const host = voidLoadedPhases(before)
    expect(host.phases[1]).toMatchObject({
      state: 'invalid',
      endedAt: 1,
      fault: {
        code: 'other-load',
        text: 'other programs took 0.51 of a core; 0.07 is usual in this experiment',
      },
    })
    expect(validPairs(host).map(({ pair }) => pair)).toEqual([1, 2])
    expect(nextPhase(host)).toEqual({ pair: 0, attempt: 1, arm: host.order[0] })
  })

  it('says nothing of two phases, nor where it is not reported', () => {
    expect(
      voided(
        hostWith([
          [0.05, 0.05],
          [0.9, 0.05],
        ]),
      ),
    ).toEqual([])
    const host = hostWith([
      [1, 2],
      [3, 4],
      [5, 6],
    ])
    const silent = host.phases.map((phase) => ({ ...phase, figures: { seconds: 1, guests: [] } }))
    expect(voided({ ...host, phases: silent })).toEqual([])
  })

  it('is usual where a host always has it, or an arm does, or it comes and goes', () => {
    expect(
      voided(
        hostWith([
          [0.02, 1],
          [0.02, 1.1],
          [0.03, 0.9],
          [0.02, 1.7],
        ]),
      ),
    ).toEqual([])
    expect(
      voided(
        hostWith([
          [0.1, 0],
          [0.9, 0],
          [0.2, 0],
          [0.8, 0],
          [0.5, 0],
          [1.4, 0],
        ]),
      ),
    ).toEqual([])
    expect(
      voided(
        hostWith([
          [0.1, 0],
          [0.12, 0],
          [0.1, 0],
          [0.4, 0],
          [0.11, 0],
        ]),
      ),
    ).toEqual([[3, 0]])
  })

  it('becomes usual where it came to stay', () => {
    const quiet = [0.05, 0.05] as const
    const before = hostWith([quiet, quiet, quiet, [0.6, 0.05], [0.6, 0.05], [0.6, 0.05], [0.6, 0.05]])
    expect(voided(hostWith([quiet, quiet, quiet, [0.6, 0.05]]))).toEqual([[3, 0]])
    expect(voided(before)).toEqual([])
  })

  it('lets a pair that was begun be completed before an earlier one is run again', () => {
    const host = hostWith([
      [0.05, 0.51],
      [0.05, 0.05],
      [0.05, 0.05],
      [0.05, 0.05],
    ])
    const begun = voidLoadedPhases({ ...host, phases: host.phases.slice(0, -1) })
    expect(nextPhase(begun)).toEqual({ pair: 3, attempt: 0, arm: 1 })
    const completed = { ...begun, phases: [...begun.phases, ...host.phases.slice(-1)] }
    expect(nextPhase(completed)).toEqual({ pair: 0, attempt: 1, arm: host.order[0] })
  })
})
