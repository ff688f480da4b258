import { describe, expect, it } from 'vitest'
import { hugePageBudget, shortOfLimits, shortOfMemory } from './huge-page-budget.ts'

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

describe('shortOfLimits', () => {
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
    const short = shortOfLimits(hugePageBudget, [
      { ...group, ...(cache !== undefined && { cacheBytes: cache * mib }) },
    ])
    if (why === undefined) expect(short).toBeUndefined()
    else expect(short).toMatch(why)
    expect(shortOfLimits(hugePageBudget, [])).toBeUndefined()
  })

  it('looks at the groups around that of the guest, too', () => {
    const own = { groups: ['/slice/web'], limitBytes: 4096 * mib, usedBytes: 0 }
    const around = { groups: ['/slice'], limitBytes: 8192 * mib, usedBytes: 8190 * mib }
    expect(shortOfLimits(hugePageBudget, [own, around])).toMatch(/control group \/slice are available/)
    expect(shortOfLimits(hugePageBudget, [own, { ...around, usedBytes: 0 }])).toBeUndefined()
  })
})
