// Haste for guests that boot as part of the governor's state: whether it goes on, and when it ends between two looks. Pure.
import type { KsmPolicy } from '../../../src/shared/contract/policies.ts'
import { endHaste, leftOfHaste } from './boot-haste.ts'
import { isBudgetUsedUp, type SeenBetween } from './ksm-budget.ts'
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

/** Between two looks: whether haste has used up its seconds, or ksmd its budget since the last one. Pure. */
export function isHasteUsedUp(
  policy: KsmPolicy,
  { haste, budget, rate }: Pick<KsmState, 'haste' | 'budget' | 'rate'>,
  seen: SeenBetween,
): boolean {
  return leftOfHaste(policy, haste, seen.atSeconds) <= 0 || isBudgetUsedUp(budget, rate, seen)
}
