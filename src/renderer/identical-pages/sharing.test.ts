import { expect, it } from 'vitest'
import type { Assessment } from '../../shared/contract/index.ts'
import { sharingOf } from './sharing.ts'

const guest = (pid: number, name: string) => ({ pid, name }) as Assessment['guests'][number]

it('finds pairs in either order, and 0 where nothing is shared', () => {
  const { guests, find, mostBytes } = sharingOf({
    guests: [guest(3, 'web-10'), guest(2, 'web-2')],
    sharing: [{ a: 3, b: 2, identicalBytes: 70, zeroBytes: 20 }],
  } as unknown as Assessment)
  expect(guests.map(({ name }) => name)).toEqual(['web-2', 'web-10'])
  expect(find(2, 3)).toMatchObject({ identicalBytes: 70, zeroBytes: 20 })
  expect(find(3, 3)).toEqual({ identicalBytes: 0, zeroBytes: 0 })
  expect(mostBytes).toBe(70)
})
