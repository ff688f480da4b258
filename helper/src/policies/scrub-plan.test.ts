import { describe, expect, it } from 'vitest'
import type { ScrubPolicy } from '../../../src/shared/contract/policies.ts'
import { parsePolicyFile } from '../../../src/shared/policies/policy-file.ts'
import { createRandom, type Random } from '../../../src/shared/statistics/random.ts'
import type { ImageObservation, RegionObservation, ScrubObservation } from './scrub-observation.ts'
import { planScrub, type ScrubPlan } from './scrub-plan.ts'
import { initialScrubState, type ScrubState } from './scrub-state.ts'

function policyOf(scrub: Record<string, unknown>): ScrubPolicy {
  return parsePolicyFile(JSON.stringify({ scrub })).scrub
}

/** Evicts every double-cached page at each observation: shows what the guards let through. */
function greedy(guards: Record<string, unknown> = {}): ScrubPolicy {
  return policyOf({ mode: 'periodic', everySeconds: 1, guards })
}

function region(index: number, more: Partial<RegionObservation> = {}): RegionObservation {
  return {
    index,
    residentPages: 1000,
    arrivedPages: 0,
    sequentialPages: 0,
    returnedPages: 0,
    doubleCachedPages: 800,
    heldByAllPages: 0,
    dirtyPages: 0,
    ...more,
  }
}

function image(more: Partial<ImageObservation> = {}): ImageObservation {
  return { path: '/a.img', guests: 1, foreignWriter: false, regions: [region(0), region(1)], ...more }
}

function observation(
  atSeconds: number,
  images: readonly ImageObservation[],
  more: Partial<ScrubObservation> = {},
): ScrubObservation {
  const cache = images.reduce((sum, i) => sum + i.regions.reduce((pages, r) => pages + r.residentPages, 0), 0)
  return {
    atSeconds,
    pageBytes: 4096,
    regionPages: 1024,
    memory: { imageCachePages: cache, imageCacheLimitPages: 10_000 },
    images: [...images],
    ...more,
  }
}

function evicted(plan: ScrubPlan): number {
  return plan.actions.reduce((sum, action) => sum + action.pages, 0)
}

function once(policy: ScrubPolicy, images: readonly ImageObservation[]): ScrubPlan {
  return planScrub(policy, initialScrubState, observation(10, images))
}

describe('guards', () => {
  it.each<[string, Record<string, unknown>, Partial<ImageObservation>, number]>([
    ['without guards all double-cached pages go', {}, {}, 1600],
    ['a floor for every image', { imageFloorBytes: 1500 * 4096 }, {}, 500],
    ['a floor of one image', { imageFloors: { '/a.img': 1900 * 4096 } }, {}, 100],
    ['a floor of another image', { imageFloors: { '/b.img': 1900 * 4096 } }, {}, 1600],
    ['an excluded image', { exclude: ['/a.img'] }, {}, 0],
    ['a rate limit', { evictBytesPerSecond: 4 * 1024 * 1024 }, {}, 1024],
    ['an image that something else writes to', {}, { foreignWriter: true }, 0],
    ['a shared base of which not all hold the same', {}, { guests: 2 }, 0],
    ['a shared base, what all hold', {}, { guests: 2, regions: [region(0, { heldByAllPages: 300 })] }, 300],
    [
      'a shared base, kept',
      { sharedBase: 'keep' },
      { guests: 2, regions: [region(0, { heldByAllPages: 300 })] },
      0,
    ],
    ['a shared base, treated as any other', { sharedBase: 'evict' }, { guests: 2 }, 1600],
    ['dirty pages left', {}, { regions: [region(0, { dirtyPages: 900 })] }, 100],
    ['dirty pages flushed', { dirty: 'flush' }, { regions: [region(0, { dirtyPages: 900 })] }, 800],
    [
      'no snapshot yet',
      {},
      { regions: [{ index: 0, residentPages: 9, arrivedPages: 0, sequentialPages: 0, returnedPages: 0 }] },
      0,
    ],
  ])('%s', (_, guards, more, pages) => {
    expect(evicted(once(greedy(guards), [image(more)]))).toBe(pages)
  })

  it('says what was held back and why', () => {
    const plan = once(greedy({ imageFloorBytes: 1500 * 4096 }), [image()])
    expect(plan.explanation).toContain('1100 pages held back: floor')
  })

  it('back off on regret, longer each time, and come back', () => {
    const policy = policyOf({
      mode: 'periodic',
      everySeconds: 1,
      guards: { regretRatio: 0.2, maxIntervalSeconds: 60 },
    })
    let state = initialScrubState
    const acted: number[] = []
    for (let at = 1; at <= 300; at += 1) {
      // Half of what was evicted in the second before comes back.
      const back = { residentPages: 600, doubleCachedPages: 600, arrivedPages: 400, returnedPages: 400 }
      const seen = observation(at, [image({ regions: [region(0, acted.at(-1) === at - 1 ? back : {})] })])
      const plan = planScrub(policy, state, seen)
      if (plan.actions.length > 0) acted.push(at)
      state = plan.state
    }
    const pauses = acted.slice(1).map((at, i) => at - (acted[i] ?? 0))
    expect(pauses.slice(0, 5)).toEqual([3, 5, 9, 17, 33])
    expect(Math.max(...pauses)).toBeLessThanOrEqual(61)
  })

  it('judge regret by what really went, not by what was asked to go', () => {
    const policy = greedy({ regretRatio: 0.2 })
    const regions = (more: Partial<RegionObservation>) => [image({ regions: [region(0, more)] })]
    const asked = planScrub(policy, initialScrubState, observation(1, regions({})))
    expect(evicted(asked)).toBe(800)
    // 100 of the 800 went, and 50 of those are back.
    const back = { residentPages: 950, arrivedPages: 50, returnedPages: 50 }
    const next = planScrub(policy, asked.state, observation(2, regions(back)))
    expect(next.state.history.justEvicted).toEqual({ streams: 0, others: 100 })
    expect(next.actions).toEqual([])
    expect(next.explanation.join()).toContain('regret of other pages 0.50')
  })

  it('pause when reads become slower than in quiet times, and say so', () => {
    const policy = policyOf({ mode: 'periodic', everySeconds: 1, guards: { readLatencyGrowth: 2 } })
    let state: ScrubState = initialScrubState
    const explanations: string[] = []
    for (let at = 1; at <= 12; at += 1) {
      // Nothing is double cached in the first 6 s: quiet, 1 ms.
      const doubles = at <= 6 ? 0 : 800
      const pages = { doubleCachedPages: doubles, arrivedPages: at <= 7 ? 0 : 800 }
      const seen = observation(at, [image({ regions: [region(0, pages)] })], {
        readLatencySeconds: at <= 7 ? 0.001 : 0.02,
      })
      const plan = planScrub(policy, state, seen)
      explanations.push(`${plan.actions.length} ${plan.explanation.join()}`)
      state = plan.state
    }
    expect(explanations[6]).toMatch(/^1 /)
    expect(explanations[8]).toMatch(/^0 read latency/)
  })
})

describe('a guard that trips', () => {
  const policy = greedy({ regretRatio: 0.2 })
  const trip = (storageBusyRatio: number) => {
    const regions = (more: Partial<RegionObservation>) => [image({ regions: [region(0, more)] })]
    const { state } = planScrub(policy, initialScrubState, observation(1, regions({})))
    const back = { residentPages: 600, doubleCachedPages: 600, arrivedPages: 400, returnedPages: 400 }
    return planScrub(policy, state, observation(2, regions(back), { storageBusyRatio }))
  }

  it('has what was evicted read again where storage idles, as far as there is room', () => {
    expect(trip(0.1).readBackPages).toBe(9400)
    expect(trip(0.1).explanation.join()).toContain('read again')
  })

  it('leaves busy storage alone', () => {
    expect(trip(0.9).readBackPages).toBe(0)
  })
})

describe('reclaim', () => {
  it('acts under pressure only, and says when pressure is not reported', () => {
    const policy = policyOf({ mode: 'reclaim', target: { pressureRatio: 0.1 } })
    const at = (pressureRatio?: number) => {
      const memory = { imageCachePages: 2000, imageCacheLimitPages: 10_000 }
      const seen = observation(1, [image()], {
        memory: pressureRatio === undefined ? memory : { ...memory, pressureRatio },
      })
      return planScrub(policy, initialScrubState, seen)
    }
    expect(evicted(at(0.05))).toBe(0)
    expect(evicted(at(0.2))).toBe(200)
    expect(at().explanation[0]).toContain('not reported')
  })

  it('takes the pages that are read again least first', () => {
    const policy = policyOf({ mode: 'reclaim', target: { freeBytes: 100 * 4096 } })
    const busy = image({ regions: [region(0, { residentPages: 700, arrivedPages: 90 }), region(1)] })
    const before = planScrub(policyOf({ mode: 'observe' }), initialScrubState, observation(1, [image()]))
    const plan = planScrub(policy, before.state, observation(2, [busy]))
    expect(plan.actions[0]?.region).toBe(1)
  })
})

describe('every mode', { timeout: 60_000 }, () => {
  const policies = [
    greedy({ evictBytesPerSecond: 2 ** 21, imageFloorBytes: 300 * 4096 }),
    policyOf({ mode: 'observe' }),
    policyOf({
      mode: 'reclaim',
      target: { cacheBytes: 0 },
      guards: { imageFloorBytes: 300 * 4096, evictBytesPerSecond: 2 ** 21 },
    }),
    policyOf({
      mode: 'adaptive',
      doubleCached: 'evict',
      guards: { imageFloorBytes: 300 * 4096, evictBytesPerSecond: 2 ** 21 },
    }),
  ]

  it('keeps floors, rate and dirty pages on random observations, and changes none of its arguments', () => {
    const random = createRandom(11)
    for (const policy of policies) {
      let state = initialScrubState
      for (let at = 1; at < 300; at += 1) {
        const seen = deepFreeze(randomObservation(at, random))
        const plan = planScrub(policy, deepFreeze(state), seen)
        expect(planScrub(policy, state, seen)).toEqual(plan)
        expect(evicted(plan)).toBeLessThanOrEqual(512)
        for (const one of seen.images) expectGuarded(plan, one)
        state = plan.state
      }
    }
  })
})

function expectGuarded(plan: ScrubPlan, seen: ImageObservation): void {
  const evictions = plan.actions.filter((action) => action.image === seen.path)
  const resident = seen.regions.reduce((sum, r) => sum + r.residentPages, 0)
  const pages = evictions.reduce((sum, action) => sum + action.pages, 0)
  expect(pages).toBeLessThanOrEqual(Math.max(0, resident - 300))
  if (seen.foreignWriter) expect(pages).toBe(0)
  for (const action of evictions) {
    const from = seen.regions.find((r) => r.index === action.region)
    expect(action.pages).toBeGreaterThan(0)
    expect(action.pages).toBeLessThanOrEqual((from?.residentPages ?? 0) - (from?.dirtyPages ?? 0))
  }
}

function randomObservation(atSeconds: number, random: Random): ScrubObservation {
  const images = ['/a.img', '/b.img', '/c.img'].map(
    (path): ImageObservation => ({
      path,
      guests: random.below(3),
      foreignWriter: random.below(5) === 0,
      regions: Array.from({ length: random.below(8) }, (_, index) => randomRegion(index, random)),
    }),
  )
  return observation(atSeconds, images, {
    memory: { imageCachePages: random.below(12_000), imageCacheLimitPages: random.below(10_000) },
    storageBusyRatio: random.next(),
    ...(random.below(2) === 0 && { readLatencySeconds: random.next() }),
  })
}

function randomRegion(index: number, random: Random): RegionObservation {
  const residentPages = random.below(1025)
  const arrivedPages = random.below(residentPages + 1)
  return {
    index,
    residentPages,
    arrivedPages,
    sequentialPages: random.below(2) === 0 ? arrivedPages : random.below(arrivedPages + 1),
    returnedPages: random.below(arrivedPages + 1),
    ...(random.below(4) !== 0 && {
      doubleCachedPages: random.below(residentPages + 1),
      dirtyPages: random.below(residentPages + 1),
    }),
  }
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  Object.freeze(value)
  for (const inner of value instanceof Map ? value.values() : Object.values(value)) deepFreeze(inner)
  return value
}

describe('images that a policy names by another path', () => {
  const evicted = (images: readonly ImageObservation[], guards: Record<string, unknown> = {}) =>
    planScrub(greedy(guards), initialScrubState, observation(0, images)).actions.reduce(
      (sum, { pages }) => sum + pages,
      0,
    )

  it('are left alone where a link to them is excluded', () => {
    expect(evicted([image()])).toBe(1600)
    expect(evicted([image({ excluded: true })])).toBe(0)
  })

  it('keep the floor that a link to them has', () => {
    expect(evicted([image({ floorBytes: 1900 * 4096 })])).toBe(100)
    // Their own floor replaces that of all images.
    expect(evicted([image({ floorBytes: 0 })], { imageFloorBytes: 2000 * 4096 })).toBe(1600)
    expect(evicted([image()], { imageFloorBytes: 2000 * 4096 })).toBe(0)
  })
})
