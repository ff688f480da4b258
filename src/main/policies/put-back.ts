// Undoes what a roll-out started on one host, unless somebody has decided otherwise since.
import type { Policy } from '../../shared/contract/index.ts'
import type { Problem, ProblemCode } from '../../shared/problem.ts'
import type { CallContext } from '../../shared/rpc.ts'
import type { Fleet } from '../hosts/fleet.ts'
import { readPolicyStatus, startPolicy, stopPolicy } from './host-policy.ts'
import type { KeptHost } from './kept-rollout.ts'
import { isSamePolicy } from './rollout-machine.ts'

const unheard: ReadonlySet<ProblemCode> = new Set([
  'disconnected',
  'timed-out',
  'cancelled',
  'protocol',
  'internal',
])

/** Whether the host may have done what it was asked for: nobody has heard what became of it. Pure. */
export function isUncertain({ code }: Problem): boolean {
  return unheard.has(code)
}

/**
 * Stops `policy` on the host; a service that ran another one before runs that again, and nothing of it is put back in
 * between. Returns why the host was left alone, where somebody else has decided since what runs there. Rejects with a
 * Problem where the host cannot be asked, or refuses.
 */
export async function putBack(
  fleet: Fleet,
  { hostId, before }: KeptHost,
  policy: Policy,
  context: CallContext,
): Promise<string | undefined> {
  const { run, ended } = await readPolicyStatus(fleet, hostId, context.signal)
  if (run !== undefined && !isSamePolicy(run.policy, policy))
    return `${run.who} started another policy there since, which was left alone`
  if (run === undefined && before !== undefined && ended === undefined)
    return 'somebody stopped the policy there since, so that none was started again'
  if (before === undefined) await stopPolicy(fleet, hostId, context)
  else await startPolicy(fleet, hostId, { policy: before, replace: true }, context)
  return undefined
}

/** What is known of a host that cannot be asked. */
export function whyUnconfirmed({ mode }: KeptHost): string {
  return mode === 'service'
    ? 'the connection broke; the service on this host goes on with the policy until it is given another'
    : 'the connection broke; its helper ends the policy and puts everything back by itself'
}
