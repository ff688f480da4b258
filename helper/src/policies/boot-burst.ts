// A burst for guests that boot while memory is short: the next one may not fit unless it is merged as it grows. Pure.
import type { KsmPolicy } from '../../../src/shared/contract/policies.ts'
import { beginBurst, savedPages } from './ksm-burst.ts'
import { isMemoryTight } from './ksm-memory.ts'
import type { KsmObservation } from './ksm-observation.ts'
import type { Burst, KsmState } from './ksm-state.ts'
import { type Booting, findBooting, followYoung } from './young-guests.ts'

/**
 * Begins a burst without a measurement, which a guest that still grows would outdate, or turns the one that runs into one
 * that waits until these guests have settled; from then on it is judged like any other. Where memory is not tight, or one
 * guest runs alone, it does neither.
 */
export function followBooting(policy: KsmPolicy, before: KsmState, seen: KsmObservation): KsmState {
  const young = followYoung(before.young, seen)
  const isTight = isMemoryTight(policy, seen)
  const mayBurst = isTight && policy.bootBurst && seen.guests.length > 1
  const booting = mayBurst ? findBooting(young, seen, policy.exclude) : []
  const state = { ...before, young, isTight }
  if (booting.length > 0) return { ...state, ended: undefined, burst: burstFor(booting, before.burst, seen) }
  return { ...state, burst: before.burst && settle(before.burst, seen) }
}

function burstFor(
  booting: readonly Booting[],
  running: Burst | undefined,
  { counters }: KsmObservation,
): Burst {
  // What was measured before is no aim: these guests are not in it. What is left is measured afterwards.
  const isForBoot = running !== undefined && running.progress.aim.potentialPages === undefined
  const names = booting.map(({ name }) => name)
  return {
    progress: isForBoot ? running.progress : beginBurst(counters, { savedPages: savedPages(counters) }),
    why: `${describeNames(names)} while memory is short`,
    guestPids: [],
    booting: names,
    isUrgent: booting.some(({ isChanging }) => isChanging),
  }
}

/** Passes that left old pages out tell nothing: it begins to count anew. */
function settle(burst: Burst, { counters }: KsmObservation): Burst {
  if (burst.booting.length === 0) return burst
  return { ...burst, progress: beginBurst(counters, burst.progress.aim), booting: [], isUrgent: false }
}

function describeNames([first = '', ...others]: readonly string[]): string {
  return others.length === 0 ? `${first} boots` : `${first} and ${others.length} more boot`
}
