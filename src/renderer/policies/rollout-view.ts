// How a roll-out is called and how far it is, for screens. Pure.
import type { Rollout } from '../../shared/contract/index.ts'

export function titleOfRollout({ plan: { policyName, policy } }: Rollout): string {
  return `Roll-out of ${policyName ?? `scrub ${policy.scrub.mode}, KSM ${policy.ksm.mode}`}`
}

/** Stages that have held, and the part of this one's wait. */
export function progressOfRollout({ state, stage, heldSeconds, plan, hosts }: Rollout): number {
  if (state === 'done') return 1
  const stages = Math.max(...hosts.map((host) => host.stage)) + 1
  return Math.min(1, (stage + heldSeconds / plan.waitSeconds) / stages)
}
