import { expect, it } from 'vitest'
import type { Assessment } from '../../shared/contract/index.ts'
import { maxGuestsShown, sharingOf } from './sharing.ts'

const guest = (pid: number, name: string, identicalBytes = 100) =>
  ({ pid, name, identicalBytes }) as Assessment['guests'][number]

it('finds pairs in either order, and 0 where nothing is shared', () => {
  const { guests, find, maxBytes, isUnknown } = sharingOf({
    guests: [guest(3, 'web-10'), guest(2, 'web-2')],
    sharing: [{ a: 3, b: 2, identicalBytes: 70, zeroBytes: 20 }],
  } as unknown as Assessment)
  expect(guests.map(({ name }) => name)).toEqual(['web-2', 'web-10'])
  expect(find(2, 3)).toMatchObject({ identicalBytes: 70, zeroBytes: 20 })
  expect(find(3, 3)).toEqual({ identicalBytes: 0, zeroBytes: 0 })
  expect(maxBytes).toBe(70)
  expect(isUnknown).toBe(false)
})

it('shows the guests that share most, by name', () => {
  const many = Array.from({ length: maxGuestsShown + 2 }, (_, index) => guest(index, `vm-${index}`, index))
  const { guests } = sharingOf({ guests: many, sharing: [] } as unknown as Assessment)
  expect(guests.map(({ name }) => name)).toEqual(many.slice(2).map(({ name }) => name))
})

it('tells guests that share nothing from those whose pairs are not known', () => {
  const of = (identicalBytes: number) =>
    sharingOf({ guests: [guest(1, 'a', identicalBytes)], sharing: [] } as unknown as Assessment).isUnknown
  expect([of(0), of(4096)]).toEqual([false, true])
})
