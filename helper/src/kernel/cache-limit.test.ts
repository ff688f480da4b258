import { describe, expect, it } from 'vitest'
import { parseGroupCache } from './cache-limit.ts'

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
