import { describe, expect, it } from 'vitest'
import { describeKsmBurst } from './burst-text.ts'

describe('describeKsmBurst', () => {
  const burst = { since: 0, wholePasses: 2, gainedBytes: 96 * 2 ** 20 }

  it.each([
    ['running', 'ends when'],
    ['realised', 'realised: 96 MiB merged in 2 whole passes'],
    ['stopped', 'stopped before its end'],
    ['unwatched', 'stop it'],
  ] as const)('%s', (state, words) => {
    expect(describeKsmBurst({ ...burst, state })).toContain(words)
  })

  it('counts one pass, and takes a loss for nothing merged', () => {
    expect(describeKsmBurst({ ...burst, state: 'stopped', wholePasses: 1, gainedBytes: -4096 })).toContain(
      '0 B merged in 1 whole pass',
    )
  })
})
