import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { DescriptorQuota, findOtherWriters } from './openers.ts'

const folder = mkdtempSync(join(tmpdir(), 'singleton-openers-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('looks past a descriptor whose file system does not tell what it is', async () => {
  const descriptors = join(folder, 'proc/7/fd')
  mkdirSync(descriptors, { recursive: true })
  // Fails with ELOOP where a broken file server would have it fail with EIO or ESTALE.
  symlinkSync(join(descriptors, '3'), join(descriptors, '3'))
  const root = { proc: join(folder, 'proc'), sys: join(folder, 'sys') }
  expect(await findOtherWriters(root, [], [])).toEqual({ writers: new Map(), unreadable: [] })
})

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
