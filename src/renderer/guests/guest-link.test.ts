import { expect, it } from 'vitest'
import { parseRoute } from '../model/route.ts'
import { findGuest, guestLink } from './guest-link.ts'

const rows = [
  { pid: 1, name: 'web/1' },
  { pid: 2, name: 'db' },
  { pid: 3, name: 'db' },
]

it('leads to each guest, also to those that share a name', () => {
  for (const row of rows) expect(findGuest(parseRoute(guestLink('a', row, rows)).item, rows)).toBe(row)
})

it('outlives a restart of the guest, and finds nothing that is gone', () => {
  const { item } = parseRoute(guestLink('a', { pid: 1, name: 'web/1' }, rows))
  expect(findGuest(item, [{ pid: 9, name: 'web/1' }])?.pid).toBe(9)
  expect(findGuest('mail', rows)).toBeUndefined()
})
