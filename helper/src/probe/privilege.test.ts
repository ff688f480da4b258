import { describe, expect, it } from 'vitest'
import { parseEffectiveCapabilities } from './privilege.ts'

describe('parseEffectiveCapabilities', () => {
  it.each([
    ['Name:\tx\nCapEff:\t0000000000000000\n', []],
    ['Name:\tx\nCapInh:\tff\nCapEff:\t0000000000280000\n', [19, 21]],
  ])('reads %j', (text, expected) => {
    expect([...parseEffectiveCapabilities(text)]).toEqual(expected)
  })
})
