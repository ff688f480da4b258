// Experiments: asked for when a screen shows them and the link is new, then kept up by notifications.
import type { ExperimentSummary, ShownExperiment } from '../../shared/contract/index.ts'
import { type Answer, useAnswer } from '../store/use-answer.ts'
import { useFleet } from '../store/use-fleet.ts'

/** The newest first. */
export function useExperiments(): Answer<readonly ExperimentSummary[]> {
  const told = useFleet((fleet) => fleet.experiments)
  const { value, ...asked } = useAnswer(
    async (store, options) => (await store.call('experiments/list', {}, options)).experiments,
  )
  const older = value?.filter(({ id }) => told[id] === undefined)
  const newer = Object.values(told).filter((one) => one !== 'removed')
  const all = older && [...newer, ...older].toSorted((a, b) => b.startedAt - a.startedAt)
  return { value: all, ...asked }
}

/** Whole, asked for again whenever something of it has changed. Nothing is asked for an empty id. */
export function useExperiment(id: string): Answer<ShownExperiment> {
  const told = useFleet((fleet) => fleet.experiments[id])
  return useAnswer(
    (store, options) => store.call('experiments/show', { id }, options),
    id === '' ? null : (told ?? id),
  )
}
