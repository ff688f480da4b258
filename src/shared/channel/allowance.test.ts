import { expect, it } from 'vitest'
import { Allowance } from './allowance.ts'

it('gives so much at once, and so much more each second', () => {
  let now = 0
  const allowance = new Allowance(3, 2, () => now)
  expect([allowance.spend(2), allowance.spend(2), allowance.spend(), allowance.spend()]).toEqual([
    true,
    false,
    true,
    false,
  ])
  now = 500
  expect([allowance.spend(), allowance.spend()]).toEqual([true, false])
  now = 60_000
  expect([allowance.spend(3), allowance.spend()]).toEqual([true, false])
})
