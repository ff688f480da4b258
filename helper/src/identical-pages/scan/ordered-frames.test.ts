import { expect, it } from 'vitest'
import { siteKind, siteWord } from '../records/record-layout.ts'
import { OrderedFrames } from './ordered-frames.ts'

const frame = (index: number) => siteWord(siteKind.merged, index)
const records = new Uint32Array([
  ...[10, 1, frame(3)],
  ...[11, 1, siteWord(siteKind.private, 1)],
  ...[12, 2, frame(0)],
  ...[13, 3, frame(2)],
])

function take(): OrderedFrames {
  const ordered = new OrderedFrames()
  ordered.takeFrom(records, 4, 4)
  return ordered
}

const wordsOf = ({ words, length }: OrderedFrames) => [...words.subarray(0, length * 3)]

it('takes the merged frames among sorted records', () => {
  const ordered = take()
  expect(wordsOf(ordered)).toEqual([10, 1, frame(3), 12, 2, frame(0), 13, 3, frame(2)])
  expect([0, 1, 2, 3, 4].map((index) => ordered.has(index))).toEqual([true, false, true, true, false])
})

it('leaves out what is not wanted', () => {
  const ordered = take()
  ordered.select((index) => index === 3)
  expect(wordsOf(ordered)).toEqual([10, 1, frame(3)])
  expect([0, 2, 3].map((index) => ordered.has(index))).toEqual([false, false, true])
})

it('follows frames to their new indexes, and forgets those that have gone', () => {
  const ordered = take()
  ordered.renumber(new Uint32Array([1, 0, 0, 2]))
  expect(wordsOf(ordered)).toEqual([10, 1, frame(1), 12, 2, frame(0)])
  expect([0, 1, 2, 3].map((index) => ordered.has(index))).toEqual([true, true, false, false])
})
