import { describe, expect, it } from 'vitest'
import { hugePageBudget, shortOfMemory } from './huge-page-budget.ts'

describe('shortOfMemory', () => {
  const gib = 2 ** 30
  it.each([
    [4, undefined],
    [2, undefined],
    [1.9, 'less than 10 % of the memory is available'],
  ])('with %s GiB available of 20', (available, why) => {
    const memory = { memAvailableBytes: available * gib, memTotalBytes: 20 * gib }
    expect(shortOfMemory(hugePageBudget, memory)).toBe(why)
  })
})
