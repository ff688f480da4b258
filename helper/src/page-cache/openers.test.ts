import { describe, expect, it } from 'vitest'
import { DescriptorQuota } from './openers.ts'

describe('DescriptorQuota', () => {
  it("lets a user have so many over all processes, root's own all, and says who has more", () => {
    const quota = new DescriptorQuota(100)
    expect([
      quota.takeDescriptors(1000, 60),
      quota.takeDescriptors(1000, 60),
      quota.takeDescriptors(1000, 60),
    ]).toEqual([60, 40, 0])
    expect([quota.takeDescriptors(1001, 100), quota.takeDescriptors(0, 500)]).toEqual([100, 500])
    expect(quota.explain().map(({ problem }) => problem.message)).toEqual([
      expect.stringMatching(/open files of user 1000: only the first 100 of 180 descriptors are looked at/),
    ])
  })
})
