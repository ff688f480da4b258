// Named policies and roll-outs: asked for when a screen shows them and the link is new, then kept up by notifications.
import type { NamedPolicy, Rollout } from '../../shared/contract/index.ts'
import type { FleetStore } from '../store/fleet-store.ts'
import { type Answer, type AskOptions, useAnswer } from '../store/use-answer.ts'
import { useFleet } from '../store/use-fleet.ts'

export function useNamedPolicies(): Answer<readonly NamedPolicy[]> {
  const told = useFleet((fleet) => fleet.namedPolicies)
  const answer = useAnswer(askPolicies)
  return told ? { value: told, problem: answer.problem } : answer
}

/** The newest first. */
export function useRollouts(): Answer<readonly Rollout[]> {
  const told = useFleet((fleet) => fleet.rollouts)
  const { value, ...asked } = useAnswer(askRollouts)
  const newer = told ?? []
  const older = value?.filter((one) => !newer.some(({ id }) => id === one.id))
  return { value: older && [...newer, ...older].toSorted((a, b) => b.startedAt - a.startedAt), ...asked }
}

const askPolicies = async (store: FleetStore, options: AskOptions) =>
  (await store.call('policies/list', {}, options)).policies
const askRollouts = async (store: FleetStore, options: AskOptions) =>
  (await store.call('rollouts/list', {}, options)).rollouts
