// Starts the policy of a roll-out on one host, and finds out whether a start of which nobody has heard did.
import type { PolicyRun, RolloutPlan } from '../../shared/contract/index.ts'
import type { CallContext } from '../../shared/rpc.ts'
import type { HelperLink } from '../helper-link/helper-link.ts'
import type { Fleet } from '../hosts/fleet.ts'
import { readPolicyStatus, startPolicy } from './host-policy.ts'
import type { Patience } from './patience.ts'
import { isSamePolicy, type RolloutEvent } from './rollout-machine.ts'

export interface HostStart {
  readonly fleet: Fleet
  readonly hostId: string
  readonly policy: RolloutPlan['policy']
  readonly context: CallContext
}

/**
 * `keep` puts what a service ran before on the disk: nothing is started until it is there, so that it can be put back
 * however this goes on. Only what was seen to run is replaced: a service that was given a policy since, or whose policy
 * waits, refuses as `other-policy`, as nobody could put that one back. Rejects with a Problem.
 */
export async function startOnHost(
  { fleet, hostId, policy, context }: HostStart,
  keep: (found: RolloutEvent) => Promise<void>,
): Promise<PolicyRun | undefined> {
  const { run } = await readPolicyStatus(fleet, hostId, context.signal)
  const before = run?.mode === 'service' ? run.policy : undefined
  await keep({ kind: 'found', hostId, before })
  context.signal.throwIfAborted()
  return (await startPolicy(fleet, hostId, { policy, replace: before !== undefined }, context)).run
}

/** What runs there now, if it is this policy. Rejects with a Problem where the host cannot be asked. */
export async function findStarted({
  fleet,
  hostId,
  policy,
  context,
}: HostStart): Promise<PolicyRun | undefined> {
  const { run } = await readPolicyStatus(fleet, hostId, context.signal)
  return run !== undefined && isSamePolicy(run.policy, policy) ? run : undefined
}

/** The link to a host, and whether something else runs on it now. No link: it is not connected, or was removed. */
export function stateOfHost(
  fleet: Fleet,
  hostId: string,
): { readonly link: HelperLink | undefined; readonly isBusy: boolean } {
  if (!fleet.has(hostId)) return { link: undefined, isBusy: false }
  const host = fleet.find(hostId)
  return { link: host.session.link, isBusy: host.view().tasks.some(({ kind }) => kind !== 'connect') }
}

export type Readiness =
  | { readonly state: 'ready' | 'waits' }
  | { readonly state: 'refused'; readonly why: string }

/** What keeps a host for the moment is waited for; what will not pass by itself refuses it. */
export function readinessOf(fleet: Fleet, hostId: string, patience: Patience): Readiness {
  const mode = fleet.has(hostId) ? fleet.find(hostId).session.host.mode : undefined
  if (mode === undefined) return { state: 'refused', why: 'it was removed' }
  if (mode !== 'change') return { state: 'refused', why: 'the host is in observe mode' }
  const { link, isBusy } = stateOfHost(fleet, hostId)
  if (link !== undefined && !isBusy) {
    patience.end(hostId)
    return { state: 'ready' }
  }
  if (!patience.isOver(hostId)) return { state: 'waits' }
  const why = link === undefined ? 'it is not connected' : 'something else still runs on it'
  return { state: 'refused', why }
}
