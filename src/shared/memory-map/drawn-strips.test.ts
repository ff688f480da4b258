import { expect, it } from 'vitest'
import type { MemoryMap } from '../contract/index.ts'
import { describeUndrawn, drawnStrips } from './drawn-strips.ts'

const mapOf = (strips: number) =>
  ({ strips: Array.from({ length: strips }, (_, index) => ({ index })) }) as unknown as MemoryMap

it('draws all strips of a host, and of one that lists thousands as many as a picture has room for', () => {
  const usual = mapOf(512)
  expect(drawnStrips(usual)).toBe(usual)
  expect(describeUndrawn(usual)).toBeUndefined()
  const huge = mapOf(5120)
  expect(drawnStrips(huge).strips.map(({ index }) => index)).toEqual(usual.strips.map(({ index }) => index))
  expect(describeUndrawn(huge)).toBe('The first 512 of 5120 strips are drawn; the bytes are those of all.')
})
