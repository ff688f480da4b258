import { describe, expect, it } from 'vitest'
import type { KsmCounters } from '../../../src/shared/contract/ksm.ts'
import { type BurstCounters, type BurstProgress, beginBurst, burstRule, followBurst } from './ksm-burst.ts'

const fresh: KsmCounters = {
  pagesShared: 0,
  pagesSharing: 0,
  pagesUnshared: 0,
  pagesVolatile: 0,
  fullScans: 7,
}

/** What comes of following all of these. */
function follow(burst: BurstProgress, seen: readonly BurstCounters[]) {
  let progress = burst
  const ends = seen.map((counters) => {
    const followed = followBurst(progress, counters, burstRule)
    progress = followed.progress
    return followed.end
  })
  return ends
}

const at = (fullScans: number, mergedPages: number, volatilePages: number): BurstCounters => ({
  fullScans,
  mergedPages,
  volatilePages,
})

describe('the end of a burst', () => {
  it('comes with the second pass where that compared everything', () => {
    const seen = [
      at(7, 0, 900),
      at(8, 0, 110_000),
      at(8, 20_000, 50_000),
      at(9, 23_787, 75),
      at(9, 23_787, 75),
    ]
    expect(follow(beginBurst(fresh, 0), seen)).toEqual([
      undefined,
      undefined,
      undefined,
      'all compared',
      undefined,
    ])
  })

  it('waits for pages that a split huge page moved', () => {
    const seen = [at(8, 0, 123_042), at(9, 21_661, 22_867), at(10, 23_786, 101)]
    expect(follow(beginBurst(fresh, 0), seen)).toEqual([undefined, undefined, 'all compared'])
  })

  it('comes with a pass that brings nothing where guests keep writing', () => {
    const seen = [at(8, 0, 100_000), at(9, 20_000, 30_000), at(10, 24_000, 30_000), at(11, 24_100, 29_000)]
    expect(follow(beginBurst(fresh, 0), seen)).toEqual([undefined, undefined, undefined, 'plateau'])
  })

  it('takes no loss for a plateau: guests that ended are still being counted out', () => {
    const known = { ...fresh, pagesSharing: 67_000 }
    const seen = [at(8, 67_000, 9_000), at(9, 67_000, 99_000), at(10, 12_000, 30_000), at(11, 24_000, 75)]
    expect(follow(beginBurst(known, 67_000), seen)).toEqual([undefined, undefined, undefined, 'all compared'])
    const losing = Array.from({ length: 12 }, (_, pass) => at(8 + pass, 90_000 - 5_000 * pass, 9_000))
    expect(follow(beginBurst(known, 90_000), losing)).toContain('plateau')
  })

  it('does not count the pass in which it began', () => {
    const known = { ...fresh, pagesUnshared: 5_000 }
    const seen = [at(8, 0, 50), at(9, 9_000, 50), at(10, 9_500, 50)]
    expect(follow(beginBurst(known, 0), seen)).toEqual([undefined, undefined, 'all compared'])
  })
})
