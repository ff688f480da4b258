// The maps that this window took of each session: taking one may last minutes, so they outlive a look at another page.
import { useSyncExternalStore } from 'react'
import type { HostView, MemoryMap } from '../../shared/contract/index.ts'

/** The newest two, oldest first: as many as the helper holds. */
type Maps = readonly MemoryMap[]

const none: Maps = []
/** A helper forgets its maps with its session, so those of older sessions of a host are dropped. */
const held = new Map<string, { readonly since: number; readonly maps: Maps }>()
const listeners = new Set<() => void>()

export interface MapSession {
  readonly hostId: string
  readonly since: number
}

export function sessionOf({ host, connection }: HostView): MapSession {
  return { hostId: host.id, since: connection.state === 'connected' ? connection.since : 0 }
}

/** And the way to add one that was taken in this session. */
export function useHeldMaps({ hostId, since }: MapSession): [Maps, (map: MemoryMap) => void] {
  const read = () => {
    const own = held.get(hostId)
    return own?.since === since ? own.maps : none
  }
  const maps = useSyncExternalStore((listener) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }, read)
  const add = (map: MemoryMap) => {
    held.set(hostId, { since, maps: [...read(), map].slice(-2) })
    for (const listener of listeners) listener()
  }
  return [maps, add]
}
