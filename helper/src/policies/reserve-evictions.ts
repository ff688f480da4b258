// Which image cache goes first when broken merges need its room: what guests hold too, then what is read again least.
// Pure.
import type { Guards, ScrubPolicy } from '../../../src/shared/contract/policies.ts'
import { admitActions } from './admit-actions.ts'
import { evictablePages, mostUselessFirst, upTo } from './reclaim-scrub.ts'
import { noteEvictions, type ScrubHistory } from './region-history.ts'
import type { Evict } from './scrub-action.ts'
import { initialGuards, scrubbableImages } from './scrub-guards.ts'
import type { ScrubObservation } from './scrub-observation.ts'
import type { ScrubPlan } from './scrub-plan.ts'

/** The rate limit of evictions counts as if nothing had been evicted for a second. */
const elapsedSeconds = 1

/**
 * The plan with as many evictions as `evictBytes` needs, and nothing read back. Exclusions, floors, shared bases and the
 * dry run of the policy hold; its back-off does not, since what it weighs costs more than a read now.
 */
export function withReserveEvictions(
  { guards }: Pick<ScrubPolicy, 'guards'>,
  plan: ScrubPlan,
  observation: ScrubObservation,
  evictBytes: number,
): ScrubPlan {
  const planned = new Set(plan.actions.map(regionKey))
  const wanted = Math.ceil(evictBytes / observation.pageBytes) - countPages(plan.actions)
  const wished = leastWorthFirst(guards, plan.state.history, observation).filter(
    (action) => !planned.has(regionKey(action)),
  )
  const admitted = admitActions(guards, initialGuards, observation, upTo(wished, wanted), elapsedSeconds)
  const carriedOut = guards.dryRun ? [] : admitted.actions
  return {
    ...plan,
    actions: [...plan.actions, ...admitted.actions],
    readBackPages: 0,
    state: { ...plan.state, history: noteEvictions(plan.state.history, carriedOut) },
    explanation: [...plan.explanation, ...admitted.explanation],
  }
}

/** Each region once: its double-cached pages where guests hold enough of it, else all of its clean pages. */
function leastWorthFirst(guards: Guards, history: ScrubHistory, observation: ScrubObservation): Evict[] {
  const doubles = mostUselessFirst(guards, history, observation)
  const held = new Set(doubles.map(regionKey))
  const others: { readonly action: Evict; readonly rate: number; readonly arrival: number }[] = []
  for (const image of scrubbableImages(guards, observation)) {
    const histories = history.images.get(image.path)
    for (const region of image.regions) {
      const pages = evictablePages(guards, region, region.residentPages)
      const action: Evict = {
        ...{ image: image.path, region: region.index, take: 'clean', pages, stream: false },
        flush: guards.dirty === 'flush',
      }
      if (pages <= 0 || held.has(regionKey(action))) continue
      const known = histories?.get(region.index)
      others.push({ action, rate: known?.rereadsPerSecond ?? 0, arrival: known?.lastArrivalSeconds ?? 0 })
    }
  }
  others.sort((a, b) => a.rate - b.rate || a.arrival - b.arrival)
  return [...doubles, ...others.map(({ action }) => action)]
}

function regionKey({ image, region }: Pick<Evict, 'image' | 'region'>): string {
  return `${region} ${image}`
}

function countPages(actions: readonly Evict[]): number {
  return actions.reduce((sum, { pages }) => sum + pages, 0)
}
