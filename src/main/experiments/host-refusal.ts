// What keeps a host from taking part in an experiment, and what can be done about it while it waits.
import { Problem } from '../../shared/problem.ts'
import type { Fleet } from '../hosts/fleet.ts'

/** undefined: nothing. Throws `not-found` for a host that is not in the list. */
export function whyNotNow(fleet: Fleet, hostId: string): string | undefined {
  const { name } = fleet.find(hostId).session.host
  return whyNotAllowed(fleet, hostId) ?? (isConnected(fleet, hostId) ? undefined : `${name} is not connected`)
}

/** Like `whyNotNow`, but that a host is not connected, or was removed, is no reason: it is waited for, or given up. */
export function whyNotAllowed(fleet: Fleet, hostId: string): string | undefined {
  if (!fleet.has(hostId)) return undefined
  const host = fleet.find(hostId)
  const { name, mode } = host.session.host
  if (mode !== 'change') return `${name} is in observe mode`
  if (isConnected(fleet, hostId) && host.view().policy !== undefined) return `${name} runs a policy already`
  return undefined
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
