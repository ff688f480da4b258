// Switching the merging of one guest: which ways are open, and why not. Main and helper decide again. Pure.
import type { GuestMerging, HostView } from '../../shared/contract/index.ts'
import type { GuestRow } from './guest-rows.ts'

export interface MergeSwitch {
  readonly row: GuestRow
  readonly merge: boolean
}

export const mergingWords: Readonly<Record<GuestMerging, string>> = {
  on: 'On',
  off: 'Off',
  partly: 'Partly',
  never: 'Never',
}

/** The ways a guest's merging can be switched from where it stands. */
export function switchesFrom(merging: GuestMerging | undefined): readonly boolean[] {
  if (merging === 'on') return [false]
  if (merging === 'off') return [true]
  return merging === 'partly' ? [true, false] : []
}

/** In words for a tooltip; undefined: it can be asked for. `refusal`: what keeps the whole host from being changed. */
export function whyNoSwitch(
  { sampled }: GuestRow,
  { tasks }: HostView,
  refusal: string | undefined,
): string | undefined {
  if (refusal !== undefined) return refusal
  if (!sampled) return 'This guest has ended.'
  const running = tasks.find(({ kind }) => kind !== 'connect')
  if (running) return `${running.title} is still running on this host.`
  if (!sampled.monitorProblem) return undefined
  const { message, remedy } = sampled.monitorProblem
  return remedy === undefined ? message : `${message}. What to do: ${remedy}`
}

/** By name, which a restart does not change, where no other guest of the host has it too. */
export function guestOf({ pid, name }: GuestRow, { latest }: HostView): string | number {
  const namesakes = latest?.guests.filter((guest) => guest.name === name) ?? []
  return namesakes.length === 1 ? name : pid
}
