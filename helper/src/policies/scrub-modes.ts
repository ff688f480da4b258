// The modes of scrubbing, one record each; docs/adding.md says what else a new mode needs.
import type { AdaptivePolicy, ScrubPolicy } from '../../../src/shared/contract/policies.ts'
import { nextAdaptiveSeconds, planAdaptive, runPriceOf, secondsToFill } from './adaptive-scrub.ts'
import { planPeriodic, planReclaim } from './reclaim-scrub.ts'
import type { ScrubWish } from './scrub-action.ts'
import type { ScrubObservation } from './scrub-observation.ts'
import type { ScrubState } from './scrub-state.ts'
import type { ScrubWorth } from './scrub-worth.ts'

type Mode = ScrubPolicy['mode']
type PolicyOf<M extends Mode> = Extract<ScrubPolicy, { mode: M }>

export interface Contents {
  /** Seconds since guests' contents were measured last. */
  readonly ageSeconds: number
  readonly nowSeconds: number
  /** What the KSM policy asks for: `ksm.measureSeconds`. */
  readonly measureSeconds: number
}

interface ScrubMode<P> {
  /** Pure: what this mode would evict now, before the guards. */
  readonly plan: (policy: P, state: ScrubState, observation: ScrubObservation) => ScrubWish
  /** Seconds between two acts; back-off starts from it. */
  readonly intervalSeconds: (policy: P) => number
  /** Seconds that a region's history counts. */
  readonly memorySeconds: (policy: P) => number
  /** Reads of storage for a page that comes back in a run; 1 where this mode does not tell them apart. */
  readonly runPrice: (policy: P, worth: ScrubWorth) => number
  /** Seconds until the next look. */
  readonly nextSeconds: (policy: P, state: ScrubState, observation: ScrubObservation) => number
  /** Whether which cached pages guests hold must be measured again. */
  readonly contentsDue: (policy: P, state: ScrubState, contents: Contents) => boolean
}

/** While reclaim is at work what guests hold changes, and what arrived since is not known to be held. */
const reclaimMeasureSeconds = 30

const byWindow = ({ guards }: ScrubPolicy) => guards.regretWindowSeconds
const byMeasureSeconds = (_policy: unknown, _state: ScrubState, { ageSeconds, measureSeconds }: Contents) =>
  ageSeconds >= measureSeconds

const scrubModes: { readonly [M in Mode]: ScrubMode<PolicyOf<M>> } = {
  observe: {
    plan: () => ({ actions: [], finished: false, explanation: ['observe: measures only'] }),
    intervalSeconds: (policy) => policy.intervalSeconds,
    memorySeconds: byWindow,
    runPrice: () => 1,
    nextSeconds: (policy) => policy.intervalSeconds,
    contentsDue: byMeasureSeconds,
  },
  reclaim: {
    plan: planReclaim,
    intervalSeconds: (policy) => policy.intervalSeconds,
    memorySeconds: byWindow,
    runPrice: () => 1,
    nextSeconds: (policy) => policy.intervalSeconds,
    contentsDue: (_policy, state, { ageSeconds, measureSeconds }) =>
      !state.finished && ageSeconds >= Math.min(reclaimMeasureSeconds, measureSeconds),
  },
  periodic: {
    plan: planPeriodic,
    intervalSeconds: (policy) => policy.everySeconds,
    memorySeconds: byWindow,
    runPrice: () => 1,
    nextSeconds: () => 1,
    contentsDue: ({ everySeconds }, state, { ageSeconds, nowSeconds }) => {
      const dueSeconds = (state.lastActSeconds ?? Number.NEGATIVE_INFINITY) + everySeconds
      return nowSeconds >= dueSeconds && ageSeconds >= everySeconds / 2
    },
  },
  adaptive: {
    plan: planAdaptive,
    intervalSeconds: (policy) => policy.intervalSeconds,
    memorySeconds: (policy) => policy.memorySeconds,
    runPrice: runPriceOf,
    nextSeconds: nextLookSeconds,
    contentsDue: byMeasureSeconds,
  },
}

/** The record of a policy's mode. */
export function modeOf<P extends ScrubPolicy>(policy: P): ScrubMode<P> {
  // The record under a mode takes the policies of this mode: the table's type says so, indexing by a union forgets it.
  return scrubModes[policy.mode] as unknown as ScrubMode<P>
}

/** Looks less often while more than half of the limit is free, for so long: looking is what adaptive costs. */
function nextLookSeconds(policy: AdaptivePolicy, state: ScrubState, { memory }: ScrubObservation): number {
  const { imageCachePages: cache, imageCacheLimitPages: limit } = memory
  const rarely = Math.min(5 * policy.intervalSeconds, policy.guards.maxIntervalSeconds)
  return cache < limit / 2 && secondsToFill(state, limit / 2 - cache) > rarely
    ? rarely
    : nextAdaptiveSeconds(policy, state, limit)
}
