import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseGroupCache, readLimitedGroups } from './cache-limit.ts'
import { maxGroupDepth } from './group-pressure.ts'

describe('parseGroupCache', () => {
  it.each([
    // cgroup v1: its own pages first, then with those below it.
    ['cache 9\nactive_file 1\ninactive_file 2\ntotal_inactive_file 20\ntotal_active_file 10\n', 30],
    // cgroup v2 counts the groups below in any case.
    ['anon 5\nfile 90\ninactive_file 40\nactive_file 2\n', 42],
    ['anon 5\n', undefined],
    ['', undefined],
  ])('reads %j', (text, bytes) => {
    expect(parseGroupCache(text)).toBe(bytes)
  })
})

describe('limits of control groups', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cache-limit-'))
  const root = { proc: join(folder, 'proc'), sys: join(folder, 'sys') }
  mkdirSync(join(root.proc, '7'), { recursive: true })
  const limit = (path: string, bytes: number) => {
    const group = join(root.sys, 'fs/cgroup', path)
    mkdirSync(group, { recursive: true })
    writeFileSync(join(group, 'memory.max'), `${bytes}\n`)
    writeFileSync(join(group, 'memory.current'), '1\n')
  }
  const limitOf = async (path: string) => {
    writeFileSync(join(root.proc, '7/cgroup'), `0::${path}\n`)
    return (await readLimitedGroups(root, [7]))?.limitBytes
  }

  it('are the innermost, and no deeper than groups are looked at', async () => {
    try {
      const deep = '/g'.repeat(maxGroupDepth)
      limit('/g', 100)
      limit(`${deep}/g`, 50)
      expect(await limitOf('/g/g')).toBe(100)
      expect(await limitOf(`${deep}/g`)).toBe(100)
      limit(deep, 70)
      expect(await limitOf(`${deep}/g`)).toBe(70)
      expect(await limitOf('/../g')).toBeUndefined()
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
