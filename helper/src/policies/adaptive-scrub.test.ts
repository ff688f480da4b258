import { describe, expect, it } from 'vitest'
import { parsePolicyFile } from '../../../src/shared/policies/policy-file.ts'
import type { RegionObservation, ScrubObservation } from './scrub-observation.ts'
import { planScrub, type ScrubPlan } from './scrub-plan.ts'
import { initialScrubState } from './scrub-state.ts'

const regionPages = 512
const limitPages = 20 * regionPages
const policy = parsePolicyFile('{"scrub": {"mode": "adaptive"}}').scrub

type Seen = Readonly<Record<string, readonly RegionObservation[]>>

const still = (index: number): RegionObservation => ({
  index,
  residentPages: regionPages,
  arrivedPages: 0,
  sequentialPages: 0,
  returnedPages: 0,
})
const arrived = (index: number, more: Partial<RegionObservation> = {}): RegionObservation => ({
  ...still(index),
  arrivedPages: regionPages,
  sequentialPages: regionPages,
  ...more,
})
const range = <T>(from: number, to: number, make: (index: number) => T): T[] =>
  Array.from({ length: to - from }, (_, at) => make(from + at))

function observation(atSeconds: number, seen: Seen): ScrubObservation {
  const images = Object.entries(seen).map(([path, regions]) => ({
    path,
    guests: 1,
    foreignWriter: false,
    regions: [...regions],
  }))
  const imageCachePages = images
    .flatMap(({ regions }) => regions)
    .reduce((sum, r) => sum + r.residentPages, 0)
  return {
    atSeconds,
    pageBytes: 4096,
    regionPages,
    memory: { imageCachePages, imageCacheLimitPages: limitPages },
    images,
  }
}

function follow(...looks: readonly Seen[]): ScrubPlan[] {
  let state = initialScrubState
  return looks.map((seen, index) => {
    const plan = planScrub(policy, state, observation(index + 1, seen))
    state = plan.state
    return plan
  })
}

const touched = (plan: ScrubPlan | undefined) => new Set(plan?.actions.map(({ image }) => image))

describe('adaptive', () => {
  const reader = range(0, 17, still)

  it('takes nothing at the first look, where everything seems to have just arrived in runs', () => {
    const [first] = follow({ '/reader': range(0, 20, (index) => arrived(index)) })
    expect(first?.actions).toEqual([])
  })

  it('takes a stream and leaves what was there before it', () => {
    const first = { '/reader': range(0, 17, (index) => arrived(index)), '/stream': [] }
    const plans = follow(first, { '/reader': reader, '/stream': range(0, 3, (index) => arrived(index)) })
    expect(touched(plans[1])).toEqual(new Set(['/stream']))
    expect(plans[1]?.actions.map(({ region }) => region)).not.toContain(2)
  })

  it('takes what was there before the first look where all that comes since is stream', () => {
    const plans = follow(
      { '/stream': range(0, 18, (index) => arrived(index)) },
      { '/stream': [...range(0, 18, still), arrived(18), arrived(19)] },
    )
    expect(plans[1]?.actions.some(({ region }) => region < 18)).toBe(true)
  })

  it('takes each region of a loop that would fit once, and not when it has come back', () => {
    const loop = (more?: Partial<RegionObservation>) => range(0, 3, (index) => arrived(index, more))
    const back = loop({ returnedPages: regionPages })
    const plans = follow(
      { '/reader': reader, '/loop': [] },
      { '/reader': reader, '/loop': loop() },
      { '/reader': reader, '/loop': back },
      { '/reader': reader, '/loop': [...range(0, 2, still), arrived(2)] },
    )
    expect(plans[1]?.actions.length).toBeGreaterThan(0)
    expect(touched(plans[2])).toEqual(new Set())
    expect(touched(plans[3])).toEqual(new Set())
  })

  it('looks more often the faster pages arrive', () => {
    const slow = follow({ '/a': reader }, { '/a': reader })
    const fast = follow({ '/a': reader }, { '/a': reader, '/b': range(0, 3, (index) => arrived(index)) })
    expect(slow[1]?.nextSeconds).toBe(1)
    expect(fast[1]?.nextSeconds).toBeLessThan(1)
  })
})
