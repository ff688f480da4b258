import { describe, expect, it } from 'vitest'
import { findVouchers, type OpeningGuest } from './holders.ts'

const guest = (index: number, shares = true): OpeningGuest => ({ pid: 100 + index, index, shares })
const guests = [guest(0), guest(1), guest(2, false), guest(40)]

describe('findVouchers', () => {
  it.each<[string, number[], number[], boolean]>([
    ['the guest that has it open', [101], [1], true],
    ['all that have it open', [100, 101, 140], [0, 1, 40], true],
    ['a guest apart, for what only it has open', [102], [2], true],
    ['no guest apart, for what others have open too', [100, 102], [0], false],
    ['those that were scanned', [100, 999], [0], false],
    ['nobody for an image of guests that were not scanned', [999], [], false],
  ])('%s', (_what, openers, indexes, areAllOpeners) => {
    const vouchers = findVouchers(openers, guests, 41)
    expect(vouchers.indexes).toEqual(indexes)
    expect(Array.from({ length: 41 }, (_, index) => index).filter((index) => vouchers.has(index))).toEqual(
      indexes,
    )
    expect(vouchers.areAllOpeners).toBe(areAllOpeners)
  })
})
