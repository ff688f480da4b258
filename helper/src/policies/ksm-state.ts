// What the KSM governor remembers from one look to the next, and what it plans.
import { initialBudget, type KsmBudget } from './ksm-budget.ts'
import type { BurstEnd, BurstProgress } from './ksm-burst.ts'
import type { GuestRecords } from './ksm-guests.ts'
import type { KsmAction } from './ksm-observation.ts'
import type { YoungGuests } from './young-guests.ts'

export interface Burst {
  readonly progress: BurstProgress
  readonly why: string
  /** Those whose resident pages tell what splits have freed. */
  readonly guestPids: readonly number[]
  /** Names of guests that boot while memory is short: until they have settled, what can be merged still grows. */
  readonly booting: readonly string[]
  /** The memory of one of them changes right now. */
  readonly isUrgent: boolean
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
  readonly young: YoungGuests
  /** One more guest would leave too little memory: those that boot are looked for between looks. */
  readonly isTight: boolean
  readonly burst: Burst | undefined
  readonly ended: EndedBurst | undefined
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
  young: new Map(),
  isTight: false,
  burst: undefined,
  ended: undefined,
  residueBytes: 0,
  residueUntilSeconds: 0,
  residues: 0,
  lastMeasureSeconds: undefined,
  bootSeconds: undefined,
  bootWhy: undefined,
  nextTurnSeconds: Number.NEGATIVE_INFINITY,
  turns: 0,
}
