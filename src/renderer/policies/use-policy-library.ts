// Named policies and roll-outs: asked for when a screen shows them and the link is new, then kept up by notifications.
import { useEffect, useState } from 'react'
import type { NamedPolicy, Rollout } from '../../shared/contract/index.ts'
import { asProblem, type ProblemData } from '../../shared/problem.ts'
import type { FleetStore } from '../store/fleet-store.ts'
import { useFleet, useStore } from '../store/use-fleet.ts'

interface Asked<T> {
  /** Undefined until it is known. */
  readonly value: T | undefined
  readonly problem: ProblemData | undefined
}

export function useNamedPolicies(): Asked<readonly NamedPolicy[]> {
  const told = useFleet((fleet) => fleet.namedPolicies)
  const { value, problem } = useAsked(askPolicies)
  return { value: told ?? value, problem }
}

/** The newest first. */
export function useRollouts(): Asked<readonly Rollout[]> {
  const told = useFleet((fleet) => fleet.rollouts)
  const { value, problem } = useAsked(askRollouts)
  const newer = told ?? []
  const older = value?.filter((one) => !newer.some(({ id }) => id === one.id))
  return { value: older && [...newer, ...older].toSorted((a, b) => b.startedAt - a.startedAt), problem }
}

const askPolicies = async (store: FleetStore) => (await store.call('policies/list', {})).policies
const askRollouts = async (store: FleetStore) => (await store.call('rollouts/list', {})).rollouts

function useAsked<T>(ask: (store: FleetStore) => Promise<T>): Asked<T> {
  const store = useStore()
  const isOpen = useFleet(({ link }) => link.state === 'open')
  const [asked, setAsked] = useState<Asked<T>>({ value: undefined, problem: undefined })
  useEffect(() => {
    if (!isOpen) return undefined
    let isCurrent = true
    ask(store).then(
      (value) => isCurrent && setAsked({ value, problem: undefined }),
      (error: unknown) => isCurrent && setAsked({ value: undefined, problem: asProblem(error).toData() }),
    )
    return () => {
      isCurrent = false
    }
  }, [store, isOpen, ask])
  return asked
}
