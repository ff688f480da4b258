import { describe, expect, it } from 'vitest'
import { followHarm, type HarmState, noHarm, worstHarm } from './harm-guard.ts'
import type { ScrubObservation } from './scrub-observation.ts'

function look(atSeconds: number, asked: number, fetched: number): ScrubObservation {
  const page = 4096
  return {
    ...{ atSeconds, pageBytes: page, regionPages: 512, images: [] },
    memory: { imageCachePages: 0, imageCacheLimitPages: 0 },
    guests: [{ name: 'db', images: [], askedBytes: asked * page, fetchedBytes: fetched * page }],
  }
}

interface Stretch {
  readonly seconds: number
  readonly asked: number
  readonly fetched: number
}

function run(quiet: Stretch, acting: Stretch): HarmState {
  let state = noHarm
  for (let at = 0; at <= quiet.seconds; at += 1)
    state = followHarm(state, look(at, quiet.asked, quiet.fetched), true)
  for (let at = 1; at <= acting.seconds; at += 1)
    state = followHarm(state, look(quiet.seconds + at, acting.asked, acting.fetched), false)
  return state
}

describe('what guests read from storage while something is evicted', () => {
  it.each([
    [
      'as much as before',
      { seconds: 20, asked: 100, fetched: 50 },
      { seconds: 20, asked: 100, fetched: 50 },
      0.96,
    ],
    [
      'half as much again, for less than it asked',
      { seconds: 20, asked: 100, fetched: 50 },
      { seconds: 20, asked: 80, fetched: 60 },
      1.44,
    ],
    [
      'half as much again, while it gets as much as before',
      { seconds: 20, asked: 100, fetched: 50 },
      { seconds: 20, asked: 100, fetched: 75 },
      1,
    ],
    ['less', { seconds: 20, asked: 100, fetched: 50 }, { seconds: 20, asked: 100, fetched: 10 }, 0.19],
  ])('is compared with its own past: %s', (_, quiet, acting, growth) => {
    expect(worstHarm(run(quiet, acting))?.growth).toBeCloseTo(growth, 2)
  })

  it.each([
    ['the past is short', { seconds: 3, asked: 100, fetched: 50 }, { seconds: 20, asked: 100, fetched: 75 }],
    [
      'it has only just begun',
      { seconds: 20, asked: 100, fetched: 50 },
      { seconds: 5, asked: 100, fetched: 75 },
    ],
    [
      'guests do other work',
      { seconds: 20, asked: 100, fetched: 50 },
      { seconds: 20, asked: 300, fetched: 290 },
    ],
  ])('is not judged where %s', (_, quiet, acting) => {
    expect(worstHarm(run(quiet, acting))).toBeUndefined()
  })
})
