import { describe, expect, it } from 'vitest'
import { type ContentSample, common, difference, HostContents, hashesAtOnce, sampleOf } from './estimate.ts'

const page = 4096
const noPause = async () => undefined
const hostOf = (...samples: readonly ContentSample[]) => HostContents.gather(samples, noPause)

/** Different 64-bit numbers, spread evenly, the same for the same `from`. */
function contents(from: number, count: number): bigint[] {
  return Array.from({ length: count }, (_, index) => mix(BigInt(from + index)))
}

function mix(value: bigint): bigint {
  let x = BigInt.asUintN(64, value + 0x9e3779b97f4a7c15n)
  x = BigInt.asUintN(64, (x ^ (x >> 30n)) * 0xbf58476d1ce4e5b9n)
  x = BigInt.asUintN(64, (x ^ (x >> 27n)) * 0x94d049bb133111ebn)
  return x ^ (x >> 31n)
}

function bottom(all: readonly bigint[], most: number) {
  const hashes = BigUint64Array.from(new Set(all)).sort()
  return sampleOf(hashes.slice(0, most), hashes.length <= most)
}

describe('the estimate', () => {
  it('is exact, without an interval, where the samples hold every content', async () => {
    const a = bottom(contents(0, 100), 1000)
    const b = await hostOf(bottom(contents(60, 50), 1000), bottom(contents(90, 20), 1000))
    expect(await common(a, b, page, noPause)).toEqual({ bytes: 40 * page, low: 40 * page, high: 40 * page })
  })

  it('counts what a guest shares where it is against what it would share elsewhere', async () => {
    const guest = bottom(contents(0, 100), 1000)
    const neighbour = bottom(contents(90, 50), 1000)
    const here = await hostOf(guest, neighbour)
    const there = await hostOf(bottom(contents(0, 30), 1000), bottom(contents(95, 1), 1000))
    // 30 gained; of 10 shared here, one is shared there as well.
    const won = await difference(guest, { there, here: here.withoutOne }, page, noPause)
    expect(won.bytes).toBe((30 - 9) * page)
  })

  it('has the truth within its interval in at least 93 of 100 samples, and is no wider than it needs to be', async () => {
    const trials = 200
    let hits = 0
    for (let trial = 0; trial < trials; trial += 1) {
      const from = trial * 1_000_000
      const truth = 400 * page
      const a = bottom(contents(from, 2000), 256)
      const b = await hostOf(bottom(contents(from + 1600, 3000), 256))
      const { bytes, low, high } = await common(a, b, page, noPause)
      if (low <= truth && truth <= high) hits += 1
      expect(low).toBeLessThanOrEqual(bytes)
      expect(high - low).toBeLessThan(truth * 2)
    }
    expect(hits / trials).toBeGreaterThan(0.93)
  })

  it('says at most how much is shared where nothing in common was seen', async () => {
    const there = await hostOf(bottom(contents(9000, 5000), 512))
    const none = await common(bottom(contents(0, 5000), 512), there, page, noPause)
    expect(none.bytes).toBe(0)
    expect(none.high).toBeGreaterThan(0)
    expect(none.high).toBeLessThan(80 * page)
  })

  it('pauses again and again, however many hashes a host sends', async () => {
    let pauses = 0
    const pause = async () => {
      pauses += 1
    }
    const all = bottom(contents(0, 10 * hashesAtOnce), 10 * hashesAtOnce)
    const there = await HostContents.gather([all], pause)
    expect(pauses).toBe(20)
    await common(all, there, page, pause)
    expect(pauses).toBe(30)
  })
})
