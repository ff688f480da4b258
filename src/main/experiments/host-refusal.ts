// What keeps a host from taking part in an experiment, and what can be done about it while it waits.
import type { ExperimentHost } from '../../shared/contract/index.ts'
import { Problem } from '../../shared/problem.ts'
import type { Fleet } from '../hosts/fleet.ts'
import { isUnderWay } from './experiment-record.ts'

/** undefined: nothing. Throws `not-found` for a host that is not in the list. */
export function whyNotNow(fleet: Fleet, hostId: string): string | undefined {
  const { name } = fleet.find(hostId).session.host
  return (
    whyObserved(fleet, hostId) ??
    (isConnected(fleet, hostId) ? whyGoverned(fleet, hostId) : `${name} is not connected`)
  )
}

/**
 * Of a host that already takes part. That it is not connected, or was removed, is no reason: it is waited for, or given up. A
 * policy that runs in a phase under way is the experiment's own.
 */
export function whyNotAgain(
  fleet: Fleet,
  { hostId, phases }: Pick<ExperimentHost, 'hostId' | 'phases'>,
): string | undefined {
  if (!fleet.has(hostId)) return undefined
  const last = phases.at(-1)
  const isItsOwn = last !== undefined && isUnderWay(last)
  const isAsked = isConnected(fleet, hostId) && !isItsOwn
  return whyObserved(fleet, hostId) ?? (isAsked ? whyGoverned(fleet, hostId) : undefined)
}

function whyObserved(fleet: Fleet, hostId: string): string | undefined {
  const { name, mode } = fleet.find(hostId).session.host
  return mode === 'change' ? undefined : `${name} is in observe mode`
}

function whyGoverned(fleet: Fleet, hostId: string): string | undefined {
  const host = fleet.find(hostId)
  return host.view().policy === undefined ? undefined : `${host.session.host.name} runs a policy already`
}

function isConnected(fleet: Fleet, hostId: string): boolean {
  return fleet.find(hostId).session.link !== undefined
}

/** Throws `not-applicable` that names the hosts, where there are any. */
export function assertNoRefusals(verb: string, refusals: readonly string[], remedy: string): void {
  if (refusals.length === 0) return
  const reasons = refusals.slice(0, 20).join('; ')
  throw new Problem('not-applicable', `cannot ${verb} the experiment: ${reasons}`, { remedy })
}
