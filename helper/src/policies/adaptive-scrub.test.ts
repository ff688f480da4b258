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

interface Load {
  /** Pages a second that the guest of /reader asks for and finds cached. */
  readonly readerHits: number
  /** Reads of storage a second. Default: one for each 32 pages that arrive. */
  readonly storageReads?: number
  /** What the stream asks for besides and finds cached. */
  readonly streamHits?: number
}
/** An image of programs that every guest opens. */
const shared = '/tools'
const hitting: Load = { readerHits: 100 }

function observation(atSeconds: number, seen: Seen, load: Load): ScrubObservation {
  const images = Object.entries(seen).map(([path, regions]) => ({
    path,
    guests: path === shared ? 2 : 1,
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
    storageReads: load.storageReads ?? Math.ceil(arrivedIn(images) / 32),
    guests: images
      .filter(({ path }) => path !== shared)
      .map(({ path, regions }) => {
        const fetchedBytes = arrivedIn([{ regions }]) * 4096
        const hits = (path === '/reader' ? load.readerHits : (load.streamHits ?? 0)) * 4096
        const opened = shared in seen ? [path, shared] : [path]
        return { name: path.slice(1), images: opened, askedBytes: fetchedBytes + hits, fetchedBytes }
      }),
    images,
  }
}

function arrivedIn(images: readonly { readonly regions: readonly RegionObservation[] }[]): number {
  return images.flatMap(({ regions }) => regions).reduce((sum, r) => sum + r.arrivedPages, 0)
}

/** The first look, some at which nothing arrives, then the others. Returns the plans of the first and the others. */
function followUnder(load: Load, first: Seen, ...others: readonly Seen[]): ScrubPlan[] {
  let state = initialScrubState
  const quiet = Object.fromEntries(
    Object.entries(first).map(([path, regions]) => [path, regions.map(({ index }) => still(index))]),
  )
  const looks = [first, quiet, quiet, quiet, quiet, ...others]
  const plans = looks.map((seen, at) => {
    const plan = planScrub(policy, state, observation(at + 1, seen, load))
    state = plan.state
    return plan
  })
  return [plans[0], ...plans.slice(5)].filter((plan) => plan !== undefined)
}

const follow = (first: Seen, ...others: readonly Seen[]) => followUnder(hitting, first, ...others)

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
      { '/reader': [still(0)], '/stream': range(0, 18, (index) => arrived(index)) },
      { '/reader': [still(0)], '/stream': [...range(0, 18, still), arrived(18), arrived(19)] },
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

  const beforeStream = { '/reader': range(0, 17, (index) => arrived(index)), '/stream': [] }
  const withStream = { '/reader': reader, '/stream': range(0, 3, (index) => arrived(index)) }

  it('takes a reader for no stream whose programs come in runs from an image that others open, too', () => {
    const tools = range(0, 2, (index) => arrived(index))
    const plans = follow({ ...beforeStream, [shared]: [] }, { ...withStream, [shared]: tools })
    expect(touched(plans[1])).toEqual(new Set(['/stream']))
  })

  it('tries for half a minute what may save reads, and then leaves a stream that is hit alone', () => {
    const loop = range(0, 3, (index) => arrived(index, { returnedPages: regionPages }))
    // What the reader reads never comes again.
    const looks = Array.from({ length: 60 }, (_, at) => ({
      '/reader': [...range(0, 16, still), { ...still(16 + at), residentPages: 40, arrivedPages: 40 }],
      '/stream': loop,
    }))
    const load = { readerHits: 0, streamHits: 800 }
    const plans = followUnder(load, beforeStream, ...looks)
    const said = plans.map(({ explanation }) => explanation.join())
    expect(said.some((line) => line.includes('tries to evict'))).toBe(true)
    expect(said.at(-1)).toContain('tried in vain')
  })

  it('evicts nothing where no guest hits what the stream displaces, and says so', () => {
    const [, plan] = followUnder({ readerHits: 0 }, beforeStream, withStream)
    expect(plan?.actions).toEqual([])
    expect(plan?.explanation.join()).toContain('nothing to win')
  })

  it('takes runs that cost a read for every few pages for many small files, not for a stream', () => {
    const [, plan] = followUnder({ readerHits: 100, storageReads: 400 }, beforeStream, withStream)
    expect(plan?.actions).toEqual([])
    expect(plan?.explanation.join()).toContain('many small files')
  })

  it('takes arrivals that jump about for many files, however long their runs are', () => {
    const parts = (from: number) => [arrived(from), arrived(from + 9), arrived(from + 18), arrived(from + 27)]
    const plans = follow(
      { '/reader': range(0, 14, (index) => arrived(index)), '/tree': [] },
      ...[40, 3, 80].map((from) => ({ '/reader': range(0, 14, still), '/tree': parts(from) })),
    )
    expect(touched(plans.at(-1))).toEqual(new Set())
    expect(plans.at(-1)?.explanation.join()).toContain('no stream')
  })

  it('looks more often the faster pages arrive', () => {
    const slow = follow({ '/a': reader }, { '/a': reader })
    const fast = follow({ '/a': reader }, { '/a': reader, '/b': range(0, 3, (index) => arrived(index)) })
    expect(slow[1]?.nextSeconds).toBe(1)
    expect(fast[1]?.nextSeconds).toBeLessThan(1)
  })
})
