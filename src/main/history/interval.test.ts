import { describe, expect, it } from 'vitest'
import { fakeSample } from '../../../test/fakes/fake-sample.ts'
import { type Sample, sumNames } from '../../shared/contract/index.ts'
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
    expect(Object.values(sums)).toEqual(sumNames.map(() => null))
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
    expect(sums).toMatchObject({
      seconds: 2,
      askedBytes: 200,
      fetchedBytes: 50,
      helperCpuSeconds: 0.5,
      ksmdCpuSeconds: null,
      guestReads: null,
      diskReads: null,
    })
    expect(reads).toEqual([{ guest: 'g', askedBytes: 200, fetchedBytes: 50 }])
  })

  it('knows how long guests waited for storage, where their control groups tell', () => {
    const two = (ioPressureRatio: number) => [
      { ...guest(0, 0), ioPressureRatio },
      { ...guest(0, 0), pid: 2, name: 'untold', ioPressureNote: 'this host has no cgroup v2' },
    ]
    const before = fakeSample({ at: 1000, guests: two(0.9) })
    const { ioWaits } = measureInterval(before, fakeSample({ at: 3000, guests: two(0.25) }))
    expect(ioWaits).toEqual([{ guest: 'g', waitedMs: 500, observedMs: 2000 }])
  })

  it('keeps guests of one name apart, also from one that calls itself as another is labelled', () => {
    const all = (reads: readonly [pid: number, name: string, asked: number, fetched: number][]) =>
      reads.map(([pid, name, asked, fetched]) => ({
        ...guest(asked, fetched),
        pid,
        name,
        diskReads: { monotonicSeconds: 1, readRequests: 9, readsPerSecond: pid, readLatencySeconds: 0.5 },
      }))
    const before = all([
      [7, 'web', 0, 0],
      [8, 'web', 0, 0],
      [9, 'web (process 7)', 0, 0],
      [10, 'db', 0, 0],
    ])
    const after = all([
      [7, 'web', 100, 0],
      [8, 'web', 1000, 1000],
      [9, 'web (process 7)', 50, 25],
      [10, 'db', 10, 5],
    ])
    const { reads, requests } = measureInterval(
      fakeSample({ at: 1000, guests: before }),
      fakeSample({ at: 3000, guests: after }),
    )
    expect(reads).toEqual([
      { guest: 'web (process 7)', askedBytes: 100, fetchedBytes: 0 },
      { guest: 'web (process 8)', askedBytes: 1000, fetchedBytes: 1000 },
      { guest: 'web (process 7) (process 9)', askedBytes: 50, fetchedBytes: 25 },
      { guest: 'db', askedBytes: 10, fetchedBytes: 5 },
    ])
    expect(requests.map(({ guest, reads }) => [guest, reads])).toEqual([
      ['web (process 7)', 14],
      ['web (process 8)', 16],
      ['web (process 7) (process 9)', 18],
      ['db', 20],
    ])
  })

  it('knows nothing about the time of a gap', () => {
    const before = fakeSample({ at: 0, guests: [guest(0, 0)] })
    expect(
      measureInterval(before, fakeSample({ at: 60_000, guests: [guest(9, 9)] })).sums.askedBytes,
    ).toBeNull()
  })

  it('adds up reads of the guests whose QEMU tells, and of disks that both samples have', () => {
    const told = (pid: number, readsPerSecond: number, readLatencySeconds?: number) => ({
      ...guest(0, 0),
      pid,
      name: `g${pid}`,
      diskReads: {
        monotonicSeconds: 1,
        readRequests: 9,
        readsPerSecond,
        ...(readLatencySeconds !== undefined && { readLatencySeconds }),
      },
    })
    const disk = (device: string, reads: number, readSeconds: number) => ({ device, reads, readSeconds })
    const before = fakeSample({ at: 1000, disks: [disk('8:0', 10, 1), disk('8:16', 50, 5)] })
    const after = fakeSample({
      at: 3000,
      guests: [told(1, 100, 0.001), told(2, 0), guest(0, 0)],
      // The second one is another disk by now.
      disks: [disk('8:0', 16, 1.3), disk('8:16', 2, 0.1)],
    })
    const { sums, requests } = measureInterval(before, after)
    expect(sums).toMatchObject({ guestReads: 200, timedGuestReads: 200, guestReadSeconds: 0.2, diskReads: 6 })
    expect(sums.diskReadSeconds).toBeCloseTo(0.3)
    expect(requests.map(({ guest, reads, observedSeconds }) => [guest, reads, observedSeconds])).toEqual([
      ['g1', 200, 2],
      ['g2', 0, 2],
    ])
  })
})
