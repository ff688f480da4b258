// React's view of the store.
import { createContext, use, useSyncExternalStore } from 'react'
import type { HostView } from '../../shared/contract/index.ts'
import type { FleetState } from './fleet-state.ts'
import type { FleetStore } from './fleet-store.ts'

export const FleetContext = createContext<FleetStore | undefined>(undefined)

export function useStore(): FleetStore {
  const store = use(FleetContext)
  if (!store) throw new Error('FleetContext has no value')
  return store
}

/** Selects a slice; `select` must return the same object while the slice has not changed. */
export function useFleet<T>(select: (fleet: FleetState) => T): T {
  const store = useStore()
  return useSyncExternalStore(store.subscribe, () => select(store.snapshot()))
}

export function useHost(hostId: string): HostView | undefined {
  return useFleet(({ hosts }) => hosts?.find(({ host }) => host.id === hostId))
}
