import { describe, expect, it } from 'vitest'
import { describeKsmBurst } from './burst-text.ts'

describe('describeKsmBurst', () => {
  const burst = { since: 0, wholePasses: 2 }

  it.each([
    ['running', 'ends when'],
    ['realised', 'realised after 2 whole passes'],
    ['stopped', 'stopped before its end'],
    ['unwatched', 'stop it'],
  ] as const)('%s', (state, words) => {
    expect(describeKsmBurst({ ...burst, state })).toContain(words)
  })

  it('counts one pass', () => {
    expect(describeKsmBurst({ ...burst, state: 'stopped', wholePasses: 1 })).toContain('after 1 whole pass')
  })
})
