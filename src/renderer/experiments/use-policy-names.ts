// Names of the policies that the workbench keeps, as arms to choose from.
import { useEffect, useState } from 'react'
import { useFleet, useStore } from '../store/use-fleet.ts'

/** Empty until they are known; a workbench that cannot read them offers none. */
export function usePolicyNames(): readonly string[] {
  const store = useStore()
  const told = useFleet((fleet) => fleet.namedPolicies)
  const isOpen = useFleet(({ link }) => link.state === 'open')
  const [asked, setAsked] = useState<readonly string[]>([])
  useEffect(() => {
    if (!isOpen) return undefined
    let isCurrent = true
    store.call('policies/list', {}).then(
      ({ policies }) => isCurrent && setAsked(policies.map(({ name }) => name)),
      () => undefined,
    )
    return () => {
      isCurrent = false
    }
  }, [store, isOpen])
  return told?.map(({ name }) => name) ?? asked
}
