// What the KSM governor remembers from one look to the next, and what it plans.
import { type Haste, initialHaste } from './boot-haste.ts'
import { initialBudget, type KsmBudget, type ScanRate } from './ksm-budget.ts'
import type { BurstEnd, BurstProgress } from './ksm-burst.ts'
import type { GuestRecords } from './ksm-guests.ts'
import type { KsmAction } from './ksm-observation.ts'

export interface Burst {
  readonly progress: BurstProgress
  readonly why: string
  /** Those whose resident pages tell what splits have freed. */
  readonly guestPids: readonly number[]
}

/** A burst that has ended and waits for the measurement that has the last word. */
export interface EndedBurst {
  readonly end: BurstEnd
  readonly progress: BurstProgress
  readonly freedPages: number
  readonly atSeconds: number
}

export interface KsmState {
  readonly budget: KsmBudget
  readonly guests: GuestRecords
  readonly haste: Haste
  /** Haste has ended then, and nothing was measured since. */
  readonly hastyUntilSeconds: number | undefined
  readonly burst: Burst | undefined
  readonly ended: EndedBurst | undefined
  /** At which ksmd was told to scan. Undefined: it was told to rest. */
  readonly rate: ScanRate | undefined
  /** Potential that the last burst could not realise: does not start another one, until it is tried again. */
  readonly residueBytes: number
  readonly residueUntilSeconds: number
  /** Bursts in a row that left something. */
  readonly residues: number
  readonly lastMeasureSeconds: number | undefined
  /** A guest has booted, or was reset, then. */
  readonly bootSeconds: number | undefined
  readonly bootWhy: string | undefined
  /** Memory that turns over is no reason to measure before this, the longer the more often no burst came of it. */
  readonly nextTurnSeconds: number
  readonly turns: number
}

export interface KsmPlan {
  readonly actions: readonly KsmAction[]
  readonly state: KsmState
  readonly explanation: readonly string[]
}

export const initialKsmState: KsmState = {
  budget: initialBudget,
  guests: new Map(),
  haste: initialHaste,
  hastyUntilSeconds: undefined,
  burst: undefined,
  ended: undefined,
  rate: undefined,
  residueBytes: 0,
  residueUntilSeconds: 0,
  residues: 0,
  lastMeasureSeconds: undefined,
  bootSeconds: undefined,
  bootWhy: undefined,
  nextTurnSeconds: Number.NEGATIVE_INFINITY,
  turns: 0,
}
