// What the loop is told, and what it keeps from one round to the next.
import type { Policy } from '../../../src/shared/contract/policies.ts'
import type { Problem } from '../../../src/shared/problem.ts'
import { initialKsmState, type KsmPlan, type KsmState } from '../policies/ksm-state.ts'
import type { ScrubPlan } from '../policies/scrub-plan.ts'
import { initialScrubState, type ScrubState } from '../policies/scrub-state.ts'
import type { Seen } from './governed-host.ts'
import type { ReserveGuard } from './reserve-guard.ts'
import type { Round } from './round.ts'

export interface GovernOptions {
  readonly policy: Policy
  /** Explains and changes nothing. */
  readonly dryRun: boolean
  /** One round; KSM is not scanned, as its settings would be put back at once. */
  readonly once: boolean
  readonly signal: AbortSignal
  readonly onRound: (round: Round) => void
  /** A round that failed; the loop goes on. */
  readonly onFailure: (problem: Problem) => void
  /** Keeps memory for merged pages that break. Absent: nobody does, as in a dry run. */
  readonly reserve?: ReserveGuard
  /** Resolves after the time, or at once when the signal is aborted. */
  readonly sleep: (seconds: number, signal: AbortSignal) => Promise<void>
}

export interface LoopState {
  scrub: ScrubState
  ksm: KsmState
  measured: { readonly atSeconds: number; readonly cpuSeconds: number } | undefined
  measureAsked: boolean
  /** The last look at all images, and which ones to look at until the next. */
  wholeLookAt: number
  watch: ScrubPlan['watch']
  /** The last look at KSM, which rounds in between show. */
  ksmLook: { readonly atSeconds: number; readonly seen: Seen['ksm']; readonly plan: KsmPlan } | undefined
}

/** Of a loop that has not begun. */
export function beginLoop(): LoopState {
  return {
    scrub: initialScrubState,
    ksm: initialKsmState,
    measured: undefined,
    measureAsked: false,
    wholeLookAt: Number.NEGATIVE_INFINITY,
    watch: undefined,
    ksmLook: undefined,
  }
}
