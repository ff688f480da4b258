// When a scrub policy needs to measure again which cached pages guests hold.
import type { Policy } from '../../../src/shared/contract/policies.ts'
import { modeOf } from '../policies/scrub-modes.ts'
import type { ScrubState } from '../policies/scrub-state.ts'

/** `measuredAtSeconds` undefined: never measured. */
export function areContentsDue(
  policy: Policy,
  state: ScrubState,
  measuredAtSeconds: number | undefined,
  nowSeconds: number,
): boolean {
  if (measuredAtSeconds === undefined) return true
  const { measureSeconds } = policy.ksm
  const ageSeconds = nowSeconds - measuredAtSeconds
  return modeOf(policy.scrub).contentsDue(policy.scrub, state, { ageSeconds, nowSeconds, measureSeconds })
}
