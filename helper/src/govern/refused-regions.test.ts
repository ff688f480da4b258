import { expect, it } from 'vitest'
import { RefusedRegions } from './refused-regions.ts'

it('leaves a region alone for longer each time that nothing goes, until something does', () => {
  const regions = new RefusedRegions()
  regions.noteEviction(3, 0, 100)
  expect([100, 129, 130].map((at) => regions.isLeftAlone(3, at))).toEqual([true, true, false])
  expect(regions.isLeftAlone(4, 100)).toBe(false)
  regions.noteEviction(3, 0, 130)
  expect([189, 190].map((at) => regions.isLeftAlone(3, at))).toEqual([true, false])
  for (let times = 0; times < 9; times += 1) regions.noteEviction(3, 0, 1000)
  expect([1599, 1600].map((at) => regions.isLeftAlone(3, at))).toEqual([true, false])
  regions.noteEviction(3, 12, 1600)
  expect(regions.isLeftAlone(3, 1601)).toBe(false)
})
