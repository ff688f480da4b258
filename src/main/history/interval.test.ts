import { describe, expect, it } from 'vitest'
import { fakeSample } from '../../../test/fakes/fake-sample.ts'
import type { Sample } from '../../shared/contract/index.ts'
import { measureInterval } from './interval.ts'

const guest = (rcharBytes: number, readBytes: number): Sample['guests'][number] => ({
  pid: 1,
  name: 'g',
  rssBytes: 1e8,
  rcharBytes,
  readBytes,
})

describe('measureInterval', () => {
  it('has gauges but no rates for a first sample', () => {
    const { gauges, sums, reads } = measureInterval(undefined, fakeSample({ guests: [guest(5, 5)] }))
    expect(gauges).toMatchObject({ guestResidentBytes: 1e8, otherCacheBytes: 2e8, mergedBytes: null })
    expect(Object.values(sums)).toEqual([null, null, null, null, null])
    expect(reads).toEqual([])
  })

  it('composes the memory so that the parts add up to the total', () => {
    const sample = fakeSample({ guests: [guest(0, 0)], images: [{ path: '/i', residentBytes: 5e7 }] })
    const { gauges } = measureInterval(undefined, sample)
    const { guestResidentBytes, imageCacheBytes, otherCacheBytes, freeBytes, otherUsedBytes } = gauges
    const parts = [guestResidentBytes, imageCacheBytes, otherCacheBytes, freeBytes, otherUsedBytes]
    expect(parts.reduce<number>((sum, part) => sum + (part ?? 0), 0)).toBe(sample.memory.totalBytes)
  })

  it('knows reads and time since the sample before', () => {
    const before = fakeSample({ at: 1000, guests: [guest(100, 0)] })
    const after = fakeSample({ at: 3000, guests: [guest(300, 50)], helper: { cpuSeconds: 0.5, rssBytes: 1 } })
    const { sums, reads } = measureInterval(before, after)
    expect(sums).toEqual({
      seconds: 2,
      askedBytes: 200,
      fetchedBytes: 50,
      helperCpuSeconds: 0.5,
      ksmdCpuSeconds: null,
    })
    expect(reads).toEqual([{ guest: 'g', askedBytes: 200, fetchedBytes: 50 }])
  })

  it('knows nothing about the time of a gap', () => {
    const before = fakeSample({ at: 0, guests: [guest(0, 0)] })
    expect(
      measureInterval(before, fakeSample({ at: 60_000, guests: [guest(9, 9)] })).sums.askedBytes,
    ).toBeNull()
  })
})
