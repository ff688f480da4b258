import { expect, it } from 'vitest'
import { StubbornRegions } from './stubborn-regions.ts'

it('leaves a region alone for longer each time that nothing goes, until something does', () => {
  const regions = new StubbornRegions()
  regions.note(3, 0, 100)
  expect([100, 129, 130].map((at) => regions.isLeft(3, at))).toEqual([true, true, false])
  expect(regions.isLeft(4, 100)).toBe(false)
  regions.note(3, 0, 130)
  expect([189, 190].map((at) => regions.isLeft(3, at))).toEqual([true, false])
  for (let times = 0; times < 9; times += 1) regions.note(3, 0, 1000)
  expect([1599, 1600].map((at) => regions.isLeft(3, at))).toEqual([true, false])
  regions.note(3, 12, 1600)
  expect(regions.isLeft(3, 1601)).toBe(false)
})
