import { describe, expect, it } from 'vitest'
import type { KsmBurst } from '../contract/ksm.ts'
import { describeBurstDetails, describeKsmBurst } from './burst-text.ts'

const MiB = 2 ** 20
const burst: KsmBurst = { since: 0, state: 'running', wholePasses: 2 }
const measured = {
  potentialBytes: 400 * MiB,
  freedBytes: 300 * MiB,
  leftBytes: 100 * MiB,
  thresholdBytes: 5 * MiB,
}

describe('describeKsmBurst', () => {
  it.each([
    ['running', 'ends when'],
    ['measuring', 'measuring what is left'],
    ['realised', 'realised after 2 whole passes'],
    ['exhausted', 'exhausted after 2 whole passes'],
    ['given-up', 'given up after 2 whole passes'],
    ['not-worth-it', 'no burst'],
    ['stopped', 'stopped early'],
    ['unwatched', 'is gone: stop KSM'],
  ] as const)('%s', (state, words) => {
    expect(describeKsmBurst({ ...burst, state })).toContain(words)
  })

  it('counts one pass', () => {
    expect(describeKsmBurst({ ...burst, state: 'stopped', wholePasses: 1 })).toContain('after 1 whole pass')
  })

  it('tells the share reached, what is left, and why', () => {
    expect(describeKsmBurst({ ...burst, ...measured, state: 'exhausted', cause: 'plateau' })).toBe(
      'exhausted after 2 whole passes (plateau): freed 300 MiB of 400 MiB (75 %), 100 MiB left; what is merged stays',
    )
    expect(describeKsmBurst({ ...burst, ...measured, state: 'not-worth-it', potentialBytes: MiB })).toBe(
      'no burst: merging would free 1 MiB, less than the threshold of 5 MiB',
    )
  })
})

describe('describeBurstDetails', () => {
  it('tells what did not count, huge pages, and reasons; nothing where there is nothing', () => {
    const hugePages = {
      beforeBytes: 1024 * MiB,
      afterMergingBytes: 16 * MiB,
      afterGivingBackBytes: 144 * MiB,
      givenBackBytes: 128 * MiB,
      givingBackSeconds: 0.5,
      givingBackCpuSeconds: 0.4,
    }
    const lines = describeBurstDetails({
      ...burst,
      voidPasses: 1,
      voidCpuSeconds: 0.34,
      hugePages,
      reasons: ['why'],
    })
    expect(lines[0]).toContain('1 whole pass could compare nothing')
    expect(lines[1]).toContain('1 GiB before, 16 MiB after merging, 144 MiB after giving back 128 MiB')
    expect(lines[2]).toBe('why')
    expect(describeBurstDetails(burst)).toEqual([])
  })
})
