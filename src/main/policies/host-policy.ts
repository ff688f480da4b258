// Starts, stops and asks for the policy of one host; what a host answers shows in its view.
import type { PolicyStart, PolicyStatus } from '../../shared/contract/index.ts'
import type { CallContext } from '../../shared/rpc.ts'
import type { Fleet } from '../hosts/fleet.ts'

const statusWithinMs = 20_000

/**
 * Starts a policy on one host, shown as a task. Rejects with a Problem: `read-only` in observe mode, `busy` where
 * another process runs one, `other-policy` where the host's service was given another that is not to be replaced.
 */
export async function startPolicy(
  fleet: Fleet,
  hostId: string,
  start: PolicyStart,
  context: CallContext,
): Promise<PolicyStatus> {
  const { policy } = start
  const title = `Start a policy: scrub ${policy.scrub.mode}, KSM ${policy.ksm.mode}`
  const order = { hostId, kind: 'policy', title } as const
  return noted(fleet, hostId, await fleet.act(order, 'policies/start', start, context))
}

/** Stops the policy of a host, which puts back what it changed. Rejects with a Problem. */
export async function stopPolicy(fleet: Fleet, hostId: string, context: CallContext): Promise<PolicyStatus> {
  const order = { hostId, kind: 'policy', title: 'Stop the policy' } as const
  return noted(fleet, hostId, await fleet.act(order, 'policies/stop', {}, context))
}

/** How the policy of a host stands now. Rejects with `timed-out` where the host does not answer soon. */
export async function readPolicyStatus(
  fleet: Fleet,
  hostId: string,
  signal: AbortSignal,
): Promise<PolicyStatus> {
  const { session } = fleet.find(hostId)
  const options = { signal, timeoutMs: statusWithinMs }
  return noted(fleet, hostId, await session.call('policies/status', {}, options))
}

function noted(fleet: Fleet, hostId: string, status: PolicyStatus): PolicyStatus {
  fleet.find(hostId).notePolicy(status)
  return status
}
