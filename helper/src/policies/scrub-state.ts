// What a scrub policy carries from one plan to the next.
import { initialHistory, type ScrubHistory } from './region-history.ts'
import { type GuardState, initialGuards } from './scrub-guards.ts'

export interface ScrubState {
  readonly history: ScrubHistory
  readonly guards: GuardState
  /** Reclaim has met its target. */
  readonly finished: boolean
  readonly lastActSeconds: number | undefined
}

export const initialScrubState: ScrubState = {
  history: initialHistory,
  guards: initialGuards,
  finished: false,
  lastActSeconds: undefined,
}
