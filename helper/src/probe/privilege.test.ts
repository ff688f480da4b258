import { describe, expect, it } from 'vitest'
import { parseEffectiveCapabilities } from './privilege.ts'

describe('parseEffectiveCapabilities', () => {
  it.each([
    ['CapEff:\t0000000000000000\n', []],
    ['CapInh:\tff\nCapEff:\t0000000000280000\n', [19, 21]],
  ])('reads %j', (text, expected) => {
    expect([...parseEffectiveCapabilities(text)]).toEqual(expected)
  })
})
