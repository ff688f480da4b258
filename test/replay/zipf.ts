// Draws for workloads from seeded randomness: the same seed gives the same run on every machine.
import type { Random } from '../../src/shared/statistics/random.ts'

/**
 * Draws from a zipf distribution of `size` items; rank r has weight 1 / (r + 1)^theta.
 * Ranks are scattered over the items, as fio does, so that hot items are not neighbours.
 */
export function createZipf(size: number, theta: number, random: Random): () => number {
  const cumulative = new Float64Array(size)
  let sum = 0
  for (let rank = 0; rank < size; rank += 1) {
    sum += 1 / (rank + 1) ** theta
    cumulative[rank] = sum
  }
  const scattered = shuffled(size, random)
  return () => {
    const point = random.next() * sum
    let low = 0
    let high = size - 1
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((cumulative[middle] ?? 0) < point) low = middle + 1
      else high = middle
    }
    return scattered[low] ?? 0
  }
}

function shuffled(size: number, random: Random): Uint32Array {
  const items = Uint32Array.from({ length: size }, (_, index) => index)
  for (let last = size - 1; last > 0; last -= 1) {
    const other = random.below(last + 1)
    const kept = items[last] ?? 0
    items[last] = items[other] ?? 0
    items[other] = kept
  }
  return items
}
