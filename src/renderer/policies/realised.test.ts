import { describe, expect, it } from 'vitest'
import { fakeRound as round } from '../../../test/fakes/fake-round.ts'
import { realisedOf } from './realised.ts'

const MiB = 2 ** 20
const ksm = { scanning: true, bursting: true, mergedBytes: 30 * MiB, mergedSinceBytes: 20 * MiB }

describe('realisedOf', () => {
  it('sets what was won against what is left', () => {
    const [merged, evicted] = realisedOf(
      round({
        ksm: { ...ksm, potentialBytes: 10 * MiB },
        doubleCachedBytes: 50 * MiB,
        evictedBytes: 60 * MiB,
        returnedBytes: 10 * MiB,
      }),
    )
    expect(merged).toEqual({
      name: 'Merged',
      ratio: 0.75,
      text: '30 MiB of 40 MiB; 10 MiB still mergeable',
    })
    expect(evicted).toMatchObject({ ratio: 0.5, text: '50 MiB of 100 MiB; 50 MiB still cached twice' })
  })

  it('keeps apart what is not reported, not measured, and nothing', () => {
    expect(realisedOf(round({ doubleCachedBytes: 0 }))).toEqual([
      { name: 'Merged', text: 'not reported by this kernel' },
      { name: 'Cached twice, evicted', text: 'nothing is cached twice' },
    ])
    expect(realisedOf(round({ ksm }))[0]?.text).toBe('30 MiB; what is left was not measured yet')
  })
})
