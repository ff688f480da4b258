// Scrub policies: observations in, actions out. Pure; the engine carries the actions out and observes again.

import type { ScrubPolicy } from '../../../src/shared/contract/policies.ts'
import { admitActions } from './admit-actions.ts'
import { followRegions, noteEvictions } from './region-history.ts'
import type { Evict } from './scrub-action.ts'
import { followGuards, isQuiet, noteActed } from './scrub-guards.ts'
import { modeOf } from './scrub-modes.ts'
import type { ScrubObservation } from './scrub-observation.ts'
import type { ScrubState } from './scrub-state.ts'
import { describeCost, followWorth, type ScrubWorth } from './scrub-worth.ts'

export interface ScrubPlan {
  readonly actions: readonly Evict[]
  readonly state: ScrubState
  /** A guard has just tripped and storage idles: so many of the pages evicted last are to be read again. */
  readonly readBackPages: number
  /** Sentences for the log and the screen. */
  readonly explanation: readonly string[]
  /** Observe again after this long. */
  readonly nextSeconds: number
  /** What to look at until `wholeSeconds` after the last whole look. Absent: everything, each time. */
  readonly watch?: { readonly images: ReadonlySet<string>; readonly wholeSeconds: number }
  /** Show the actions and do not carry them out. */
  readonly dryRun: boolean
}

/** Plans one step. The same policy, state and observation always give the same plan. */
export function planScrub(policy: ScrubPolicy, state: ScrubState, observation: ScrubObservation): ScrubPlan {
  const now = observation.atSeconds
  const mode = modeOf(policy)
  const intervalSeconds = mode.intervalSeconds(policy)
  const history = followRegions(state.history, observation, mode.memorySeconds(policy))
  const worth = followWorth(state.worth, history, observation, {
    roomPages: state.streamPages,
    isQuiet: isQuiet(state.guards, now),
  })
  const followed = followGuards(policy.guards, state.guards, history, observation, {
    runPrice: mode.runPrice(policy, worth),
    intervalSeconds,
  })
  const seen: ScrubState = { ...state, history, worth, guards: followed.guards }
  const wish = mode.plan(policy, seen, observation)
  const sinceAct = Math.min(intervalSeconds, now - (state.lastActSeconds ?? Number.NEGATIVE_INFINITY))
  const { actions, explanation } = admitActions(
    policy.guards,
    seen.guards,
    observation,
    wish.actions,
    sinceAct,
  )
  const readBackPages = followed.hasTripped ? idleRoomPages(observation) : 0
  const carriedOut = policy.guards.dryRun ? [] : actions
  return {
    actions,
    readBackPages,
    state: {
      ...seen,
      history: noteEvictions(history, carriedOut),
      guards: noteActed(followed.guards, carriedOut, now),
      finished: wish.finished,
      streamPages: wish.streamPages ?? 0,
      // A dry run tries nothing.
      trial: policy.guards.dryRun ? state.trial : (wish.trial ?? state.trial),
      lastActSeconds: actions.length > 0 ? now : state.lastActSeconds,
    },
    explanation: [
      ...followed.explanation,
      ...wish.explanation,
      ...explanation,
      ...(readBackPages > 0 ? [`has up to ${readBackPages} pages read again that were evicted last`] : []),
      ...explainCost(policy, worth, actions, observation),
    ],
    nextSeconds: mode.nextSeconds(policy, seen, observation),
    ...(wish.watch !== undefined &&
      wish.watch.size > 0 && { watch: { images: wish.watch, wholeSeconds: intervalSeconds } }),
    dryRun: policy.guards.dryRun,
  }
}

/** Above this storage has other things to do. */
const idleBusyRatio = 0.5
/** 64 MiB of 4 KiB pages: no more is read back at a time. */
const maxReadBackPages = 16_384

/** How many pages may be read back: as far as there is room, where storage idles; none where that is not known. */
function idleRoomPages({ memory, storageBusyRatio }: ScrubObservation): number {
  if (storageBusyRatio === undefined || storageBusyRatio > idleBusyRatio) return 0
  const room = Math.floor(memory.imageCacheLimitPages - memory.imageCachePages)
  return Math.max(0, Math.min(room, maxReadBackPages))
}

/** Adaptive weighs what it costs before it plans; the others take what they were told to. */
function explainCost(
  { mode }: ScrubPolicy,
  worth: ScrubWorth,
  actions: readonly Evict[],
  { memory }: ScrubObservation,
): string[] {
  if (mode === 'adaptive' || actions.length === 0) return []
  const pages = actions.reduce((sum, action) => sum + action.pages, 0)
  return [`${mode}: ${describeCost(worth, pages, memory.imageCachePages)}`]
}
