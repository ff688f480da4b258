import { expect, it } from 'vitest'
import { BottomHashes } from './bottom-hashes.ts'

function feed(most: number, hashes: readonly bigint[]) {
  const bottom = new BottomHashes(most)
  for (const hash of hashes) bottom.addHash(hash)
  const { hashes: kept, isComplete } = bottom.finish()
  return { kept: [...kept], isComplete }
}

it.each([
  ['nothing', 3, [], [], true],
  ['all, each once', 3, [5n, 1n, 5n, 1n, 1n, 1n, 1n], [1n, 5n], true],
  ['as many as fit', 3, [3n, 2n, 1n], [1n, 2n, 3n], true],
  ['the smallest', 3, [9n, 4n, 8n, 2n, 7n, 1n, 6n, 3n, 5n], [1n, 2n, 3n], false],
  ['the smallest, repeated ones aside', 2, [7n, 7n, 7n, 7n, 3n, 3n, 3n, 5n], [3n, 5n], false],
  ['the largest hash', 2, [2n ** 64n - 1n, 4n], [4n, 2n ** 64n - 1n], true],
])('keeps %s', (_, most, hashes, kept, isComplete) => {
  expect(feed(most, hashes)).toEqual({ kept, isComplete })
})

it('keeps the same whatever the order', () => {
  const hashes = Array.from({ length: 5000 }, (_, index) => BigInt((index * 7919) % 4999))
  expect(feed(64, hashes)).toEqual(feed(64, hashes.toReversed()))
})
