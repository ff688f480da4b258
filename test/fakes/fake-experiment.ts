// Experiments for unit tests: a plan, and hosts whose phases have the values that a test gives them.
import {
  type Experiment,
  type ExperimentHost,
  type ExperimentPlan,
  experimentPlan,
  type GuestPhase,
} from '../../src/shared/contract/index.ts'

export function fakePlan(change: Partial<ExperimentPlan> = {}): ExperimentPlan {
  return experimentPlan.parse({
    hostIds: ['h1'],
    arms: [{ name: 'off' }, { name: 'adaptive', policy: { scrub: { mode: 'adaptive' } } }],
    phaseSeconds: 10,
    pairs: 10,
    metric: 'reads-per-second',
    seed: 1,
    ...change,
  })
}

/** `values`: reads a second of each guest in each pair, by arm. */
export function fakeHost(
  values: Readonly<Record<string, readonly (readonly [number, number])[]>>,
  hostId = 'h1',
): ExperimentHost {
  const pairs = Math.max(...Object.values(values).map((one) => one.length))
  const phases = Array.from({ length: pairs }, (_, pair) =>
    ([0, 1] as const).map((arm) => ({
      pair,
      arm,
      attempt: 0,
      state: 'valid' as const,
      startedAt: pair * 1000 + arm,
      measuredFrom: pair * 1000 + arm,
      endedAt: pair * 1000 + arm + 1,
      figures: {
        seconds: 1000,
        memoryBytes: 1_000_000,
        guests: Object.entries(values).flatMap(([name, all]): GuestPhase[] => {
          const value = all[pair]?.[arm]
          return value === undefined ? [] : [{ name, reads: Math.round(value * 1000) }]
        }),
      },
    })),
  ).flat()
  return {
    hostId,
    name: `host ${hostId}`,
    address: hostId,
    state: 'done',
    order: Array.from({ length: pairs }, () => 0 as const),
    phases,
  }
}

export function fakeExperiment(plan: ExperimentPlan, hosts: readonly ExperimentHost[]): Experiment {
  return {
    version: 1,
    id: 'e1',
    plan: { ...plan, hostIds: hosts.map(({ hostId }) => hostId) },
    startedAt: 1,
    endedAt: 2,
    who: 'root',
    workbench: 'workbench',
    state: 'done',
    hosts: [...hosts],
  }
}
