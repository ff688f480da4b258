// Haste for guests that boot as part of the governor's state: whether it goes on, and when it ends between two looks. Pure.
import type { KsmPolicy } from '../../../src/shared/contract/policies.ts'
import { endHaste, leftOfHaste } from './boot-haste.ts'
import { leftOfBudget } from './ksm-budget.ts'
import type { KsmState } from './ksm-state.ts'

/** Whether ksmd hurries for guests that boot: nothing is measured then. Pure. */
export function isHasty({ haste }: Pick<KsmState, 'haste'>): boolean {
  return haste.guests.length > 0
}

/** Ends haste at once, as where looks fail: what it left is measured and settled all the same. Pure. */
export function dropHaste(state: KsmState, atSeconds: number): KsmState {
  const haste = endHaste(state.haste, atSeconds)
  return { ...state, haste, ...(isHasty(state) && { hastyUntilSeconds: atSeconds }) }
}

/**
 * Between two looks: whether haste has used up its seconds or ksmd its budget since the last one. A budget that was
 * overdrawn then has slowed ksmd down already. `ksmdCpuSeconds` undefined: /proc does not show it. Pure.
 */
export function isHasteUsedUp(
  policy: KsmPolicy,
  { haste, budget, rate }: Pick<KsmState, 'haste' | 'budget' | 'rate'>,
  seen: { readonly atSeconds: number; readonly ksmdCpuSeconds: number | undefined },
): boolean {
  if (leftOfHaste(policy, haste, seen.atSeconds) <= 0) return true
  return budget.availableSeconds > 0 && leftOfBudget(budget, rate, seen) <= 0
}
