import { describe, expect, it } from 'vitest'
import { fakeExperiment, fakeHost, fakePlan } from '../../../test/fakes/fake-experiment.ts'
import type { ExperimentPhase } from '../../shared/contract/index.ts'
import { nextPhase, orderOfPairs, progressOf, validPairs } from './schedule.ts'

const phase = (pair: number, arm: 0 | 1, state: ExperimentPhase['state'], attempt = 0): ExperimentPhase => ({
  pair,
  arm,
  attempt,
  state,
  startedAt: 0,
})

describe('the order of phases', () => {
  it('comes in blocks of ABBA or BAAB, the same for the same seed', () => {
    const order = orderOfPairs(7, 0, 40)
    for (let at = 0; at < 40; at += 2) expect((order[at] ?? 0) + (order[at + 1] ?? 0)).toBe(1)
    expect(orderOfPairs(7, 0, 40)).toEqual(order)
    expect(orderOfPairs(8, 0, 40)).not.toEqual(order)
    expect(orderOfPairs(7, 1, 40)).not.toEqual(order)
  })

  it('begins with either arm about as often', () => {
    const first = Array.from({ length: 2000 }, (_, seed) => orderOfPairs(seed, 0, 1)[0] ?? 0)
    const share = first.reduce((sum: number, arm) => sum + arm, 0) / first.length
    expect(share).toBeGreaterThan(0.45)
    expect(share).toBeLessThan(0.55)
  })
})

describe('the next phase', () => {
  const order = [1, 0] as const
  const next = (...phases: ExperimentPhase[]) => nextPhase({ order: [...order], phases })

  it('goes through each pair in its order', () => {
    expect(next()).toEqual({ pair: 0, attempt: 0, arm: 1 })
    expect(next(phase(0, 1, 'valid'))).toEqual({ pair: 0, attempt: 0, arm: 0 })
    expect(next(phase(0, 1, 'valid'), phase(0, 0, 'valid'))).toEqual({ pair: 1, attempt: 0, arm: 0 })
    expect(
      next(phase(0, 1, 'valid'), phase(0, 0, 'valid'), phase(1, 0, 'valid'), phase(1, 1, 'valid')),
    ).toBeUndefined()
  })

  it('repeats the whole pair of a phase that is not valid, three tries altogether', () => {
    const first = [phase(0, 1, 'valid'), phase(0, 0, 'invalid')]
    expect(next(...first)).toEqual({ pair: 0, attempt: 1, arm: 1 })
    const second = [...first, phase(0, 1, 'invalid', 1)]
    expect(next(...second)).toEqual({ pair: 0, attempt: 2, arm: 1 })
    expect(next(...second, phase(0, 1, 'invalid', 2))).toEqual({ pair: 1, attempt: 0, arm: 0 })
  })

  it('counts a pair by the one try of which both phases are valid', () => {
    const phases = [
      phase(0, 1, 'valid'),
      phase(0, 0, 'invalid'),
      phase(0, 1, 'valid', 1),
      phase(0, 0, 'valid', 1),
    ]
    expect(validPairs({ order: [...order], phases })).toEqual([{ pair: 0, phases: [phases[3], phases[2]] }])
    expect(validPairs({ order: [...order], phases: phases.slice(0, 3) })).toEqual([])
  })
})

describe('progress', () => {
  const pairs = 10
  const complete = fakeHost({ web: Array.from({ length: pairs }, () => [100, 100] as const) })
  const progress = (phases: readonly ExperimentPhase[]) => {
    const host = { ...complete, state: 'running' as const, phases: [...phases] }
    const { endedAt: _, ...begun } = fakeExperiment(fakePlan({ pairs, warmUpSeconds: 6 }), [host])
    return progressOf({ ...begun, state: 'running' })
  }
  const voided = (index: number) =>
    complete.phases.map((one, at) => (at === index ? { ...one, state: 'invalid' as const } : one))

  it('goes on where an early phase turns out to be void after all others', () => {
    expect(progress(complete.phases)).toEqual({ progress: 1, remainingSeconds: 0 })
    expect(progress(voided(1))).toEqual({ progress: 0.9, remainingSeconds: 2 * 20 })
    const again = [...voided(1), { ...phase(0, 0, 'valid', 1), endedAt: 1 }]
    expect(progress(again)).toEqual({ progress: 0.95, remainingSeconds: 20 })
  })

  it('waits for no pair that was tried often enough', () => {
    const tries = [0, 1, 2].map((attempt) => ({ ...phase(0, 0, 'invalid', attempt), endedAt: 1 }))
    expect(progress([...tries, ...complete.phases.slice(2)])).toEqual({ progress: 1, remainingSeconds: 0 })
  })
})
