// What a scrub policy carries from one plan to the next.
import { initialHistory, type ScrubHistory } from './region-history.ts'
import { type GuardState, initialGuards } from './scrub-guards.ts'
import { noTrial, type Trial } from './scrub-trial.ts'
import { type ScrubWorth, unknownWorth } from './scrub-worth.ts'

export interface ScrubState {
  readonly history: ScrubHistory
  readonly guards: GuardState
  readonly worth: ScrubWorth
  /** What streams had cached at the last plan: the room that they would leave. */
  readonly streamPages: number
  readonly trial: Trial
  /** Reclaim has met its target. */
  readonly finished: boolean
  readonly lastActSeconds: number | undefined
}

export const initialScrubState: ScrubState = {
  history: initialHistory,
  guards: initialGuards,
  worth: unknownWorth,
  streamPages: 0,
  trial: noTrial,
  finished: false,
  lastActSeconds: undefined,
}
