import { describe, expect, it } from 'vitest'
import { hugePageBudget, shortOfLimit, shortOfMemory } from './huge-page-budget.ts'

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

describe('shortOfLimit', () => {
  const mib = 2 ** 20
  it.each([
    [4096, 4000, 0, undefined],
    [4096, 4040, 20, undefined],
    [4096, 4040, 0, /less than 64 MiB of the limit of control group \/web are available/],
    [4096, 4040, undefined, /less than 64 MiB/],
    [200, 180, 0, undefined],
    [200, 181, 0, /less than 20 MiB/],
  ])('with a limit of %s MiB, %s used, %s of it cache', (limit, used, cache, why) => {
    const group = { groups: ['/web'], limitBytes: limit * mib, usedBytes: used * mib }
    const short = shortOfLimit(hugePageBudget, {
      ...group,
      ...(cache !== undefined && { cacheBytes: cache * mib }),
    })
    if (why === undefined) expect(short).toBeUndefined()
    else expect(short).toMatch(why)
    expect(shortOfLimit(hugePageBudget, undefined)).toBeUndefined()
  })
})
