// When a scrub policy needs to know anew which cached pages guests hold.
import type { Policy } from '../policies/policy-schema.ts'
import type { ScrubState } from '../policies/scrub-state.ts'

/** While reclaim is at work: what guests hold changes, and what arrived since is not known to be held. */
const reclaimSeconds = 30

/** `measuredAtSeconds` undefined: never measured. */
export function areContentsDue(
  policy: Policy,
  state: ScrubState,
  measuredAtSeconds: number | undefined,
  nowSeconds: number,
): boolean {
  if (measuredAtSeconds === undefined) return true
  const age = nowSeconds - measuredAtSeconds
  const { scrub } = policy
  switch (scrub.mode) {
    case 'reclaim':
      return !state.finished && age >= Math.min(reclaimSeconds, policy.ksm.measureSeconds)
    case 'periodic': {
      const dueSeconds = (state.lastActSeconds ?? Number.NEGATIVE_INFINITY) + scrub.everySeconds
      return nowSeconds >= dueSeconds && age >= scrub.everySeconds / 2
    }
    case 'observe':
    case 'adaptive':
      return age >= policy.ksm.measureSeconds
  }
}
