// Which trouble is new since the fleet was looked at before. Pure.
import type { HostView } from '../../shared/contract/index.ts'
import { isTrouble, type Need, needsOf } from '../model/attention.ts'

export interface Trouble {
  readonly hostId: string
  readonly name: string
  readonly need: Need
}

/** By host and kind: a reason whose figures change is told once. */
export type KnownTrouble = ReadonlyMap<string, Trouble>

/** A host that is being tried again is in the trouble that it was in `before`. */
export function troubleOf(views: readonly HostView[], before?: KnownTrouble): KnownTrouble {
  const tried = new Set(
    views.filter(({ connection }) => connection.state === 'connecting').map(({ host }) => host.id),
  )
  const kept = [...(before ?? [])].filter(([, { hostId }]) => tried.has(hostId))
  const found = views.flatMap((view) =>
    needsOf(view)
      .filter(isTrouble)
      .map((need) => ({ hostId: view.host.id, name: view.host.name, need })),
  )
  const entries = found.map((trouble) => [`${trouble.need.kind} ${trouble.hostId}`, trouble] as const)
  return new Map([...kept, ...entries])
}

/** `before` undefined: nothing was looked at yet, so nothing is news. */
export function newTrouble(before: KnownTrouble | undefined, now: KnownTrouble): Trouble[] {
  if (before === undefined) return []
  return [...now].filter(([key]) => !before.has(key)).map(([, trouble]) => trouble)
}
