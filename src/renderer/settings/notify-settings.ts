// What is told of new trouble, as the workbench keeps it.
import { type NotifySettings, readNotifySettings } from '../model/quiet-hours.ts'
import type { FleetStore } from '../store/fleet-store.ts'
import { useFleet, useStore } from '../store/use-fleet.ts'

const name = 'notify'

/** What was chosen, and the way to change a part of it. */
export function useNotifySettings(): [NotifySettings, (change: Partial<NotifySettings>) => void] {
  const store = useStore()
  const stored = useFleet(({ choices }) => choices?.[name])
  return [readNotifySettings(stored), (change) => changeNotifySettings(store, change)]
}

/** The other parts stay as they are by now: a person may take minutes to answer what the browser asks, and change them meanwhile. */
export function changeNotifySettings(
  store: Pick<FleetStore, 'snapshot' | 'choose'>,
  change: Partial<NotifySettings>,
): void {
  const kept = readNotifySettings(store.snapshot().choices?.[name])
  store.choose(name, JSON.stringify({ ...kept, ...change }))
}
