import { describe, expect, it } from 'vitest'
import { parsePolicyFile } from '../../../src/shared/policies/policy-file.ts'
import {
  describeReserve,
  followBreaks,
  initialReserve,
  needOf,
  reserveBytesOf,
  waveOf,
} from './merge-reserve.ts'

const MiB = 2 ** 20
const reserve = 100 * MiB

/** One look a second; `broken` in MiB since boot. */
function follow(broken: readonly number[], reserveBytes = reserve, every = 1) {
  return broken.reduce(
    (state, mebibytes, index) =>
      followBreaks(state, { atSeconds: 1000 + index * every, brokenBytes: mebibytes * MiB }, reserveBytes),
    initialReserve,
  )
}

describe('the reserve for broken merges', () => {
  it('is the larger of a share and a number of bytes, while a policy governs KSM', () => {
    const { ksm } = parsePolicyFile('{"ksm":{"mode":"govern","reserveRatio":0.25,"reserveBytes":1000}}')
    expect(reserveBytesOf(ksm, 8000)).toBe(2000)
    expect(reserveBytesOf(ksm, 100)).toBe(1000)
    expect(reserveBytesOf({ ...ksm, mode: 'observe' }, 8000)).toBe(0)
  })

  it('does not act on breaks that it holds', () => {
    // 5 MiB a second: 95 MiB in the last minute at most, and not within ten seconds.
    expect(follow([0, 5, 10, 15, 20]).outrunSince).toBeUndefined()
    expect(follow([5000, 5000, 5000]).outrunSince).toBeUndefined()
  })

  it('acts when the rate would spend it within seconds, and when it is spent', () => {
    expect(follow([0, 0, 40]).outrunSince).toBe(1002)
    const slow = [0, 30, 60, 90, 120]
    expect(follow(slow, reserve, 14).outrunSince).toBe(1056)
  })

  it('takes a few pages for no wave, however small the reserve', () => {
    expect(follow([0, 10], MiB).outrunSince).toBeUndefined()
  })

  it('goes on until it is quiet', () => {
    const wave = [0, 50, 100, 150]
    expect(follow([...wave, ...Array(9).fill(150)]).outrunSince).toBe(1001)
    expect(follow([...wave, ...Array(12).fill(150)]).outrunSince).toBeUndefined()
  })

  it('starts anew after a boot', () => {
    const state = follow([500, 10])
    expect(waveOf(state.looks)).toEqual({ brokenBytes: 0, bytesPerSecond: 0 })
  })

  it('keeps nothing where the policy says so', () => {
    expect(follow([0, 500, 1000], 0).outrunSince).toBeUndefined()
  })

  it('wants room for what will break in the next half minute, as far as cache can give it', () => {
    const wave = { brokenBytes: 50 * MiB, bytesPerSecond: 10 * MiB }
    const memory = {
      mergedBytes: 1050 * MiB,
      freeBytes: 100 * MiB,
      availableBytes: 100 * MiB,
      cacheBytes: 500 * MiB,
    }
    expect(needOf(wave, reserve, memory)).toEqual({
      evictBytes: 200 * MiB,
      missingBytes: 400 * MiB,
      isDangerous: false,
    })
    expect(needOf(wave, reserve, { ...memory, freeBytes: 2000 * MiB, availableBytes: 2000 * MiB })).toEqual({
      evictBytes: 0,
      missingBytes: 0,
      isDangerous: false,
    })
    expect(needOf(wave, reserve, { ...memory, cacheBytes: 10 * MiB })).toMatchObject({
      evictBytes: 10 * MiB,
      isDangerous: true,
    })
    // Other cache goes for it, too, but the kernel may take that of guests first.
    expect(needOf(wave, reserve, { ...memory, availableBytes: 9000 * MiB, cacheBytes: 10 * MiB })).toEqual({
      evictBytes: 10 * MiB,
      missingBytes: 0,
      isDangerous: false,
    })
  })

  it('says which guest to move where memory is missing', () => {
    const wave = { brokenBytes: 50 * MiB, bytesPerSecond: MiB }
    const fits = { missingBytes: 0, stopsMerging: false, dryRun: false }
    const guests = [
      { name: 'small', mergedBytes: 1 },
      { name: 'large', mergedBytes: 2 },
    ]
    expect(describeReserve(wave, reserve, fits, guests)).toHaveLength(1)
    const [, move] = describeReserve(wave, reserve, { ...fits, missingBytes: MiB }, guests)
    expect(move).toContain('move guest large')
    const [dry] = describeReserve(wave, reserve, { ...fits, dryRun: true, stopsMerging: true }, guests)
    expect(dry).toContain('would make room, and stops merging')
  })
})
