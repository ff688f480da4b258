// Scrub policies: observations in, actions out. Pure; the engine carries the actions out and observes again.
import { nextAdaptiveSeconds, planAdaptive } from './adaptive-scrub.ts'
import { admitActions } from './admit-actions.ts'
import type { ScrubPolicy } from './policy-schema.ts'
import { planPeriodic, planReclaim } from './reclaim-scrub.ts'
import { followRegions, noteEvictions } from './region-history.ts'
import type { Evict, ScrubWish } from './scrub-action.ts'
import { followGuards, noteActed } from './scrub-guards.ts'
import type { ScrubObservation } from './scrub-observation.ts'
import type { ScrubState } from './scrub-state.ts'

export interface ScrubPlan {
  readonly actions: readonly Evict[]
  readonly state: ScrubState
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
  const memorySeconds = policy.mode === 'adaptive' ? policy.memorySeconds : policy.guards.regretWindowSeconds
  const intervalSeconds = policy.mode === 'periodic' ? policy.everySeconds : policy.intervalSeconds
  const history = followRegions(state.history, observation, memorySeconds)
  const followed = followGuards(policy.guards, state.guards, history, observation, {
    sequentialCostRatio: policy.mode === 'adaptive' ? policy.sequentialCostRatio : 1,
    intervalSeconds,
  })
  const seen: ScrubState = { ...state, history, guards: followed.guards }
  const wish = wishOf(policy, seen, observation)
  const sinceAct = Math.min(intervalSeconds, now - (state.lastActSeconds ?? Number.NEGATIVE_INFINITY))
  const { actions, explanation } = admitActions(
    policy.guards,
    seen.guards,
    observation,
    wish.actions,
    sinceAct,
  )
  const carriedOut = policy.guards.dryRun ? [] : actions
  return {
    actions,
    state: {
      ...seen,
      history: noteEvictions(history, carriedOut),
      guards: noteActed(followed.guards, carriedOut, now),
      finished: wish.finished,
      lastActSeconds: actions.length > 0 ? now : state.lastActSeconds,
    },
    explanation: [...followed.explanation, ...wish.explanation, ...explanation],
    nextSeconds: nextSeconds(policy, seen, observation),
    ...(wish.watch === undefined || wish.watch.size === 0
      ? {}
      : { watch: { images: wish.watch, wholeSeconds: intervalSeconds } }),
    dryRun: policy.guards.dryRun,
  }
}

/** Adaptive looks less often while more than half of the limit is free: looking is what it costs. */
function nextSeconds(policy: ScrubPolicy, state: ScrubState, observation: ScrubObservation): number {
  if (policy.mode === 'periodic') return 1
  if (policy.mode !== 'adaptive') return policy.intervalSeconds
  const { imageCachePages, imageCacheLimitPages } = observation.memory
  return imageCachePages < imageCacheLimitPages / 2
    ? Math.min(5 * policy.intervalSeconds, policy.guards.maxIntervalSeconds)
    : nextAdaptiveSeconds(policy, state, imageCacheLimitPages)
}

function wishOf(policy: ScrubPolicy, state: ScrubState, observation: ScrubObservation): ScrubWish {
  switch (policy.mode) {
    case 'observe':
      return { actions: [], finished: false, explanation: ['observe: measures only'] }
    case 'reclaim':
      return planReclaim(policy, state, observation)
    case 'periodic':
      return planPeriodic(policy, state, observation)
    case 'adaptive':
      return planAdaptive(policy, state, observation)
  }
}
