import { describe, expect, it } from 'vitest'
import { fakeSample } from '../../../test/fakes/fake-sample.ts'
import type { Sample, ScrubResult } from '../../shared/contract/index.ts'
import { readsBetween } from '../history/sample-deltas.ts'
import { HostFigures, stillEvictedBytes } from './host-figures.ts'

function sampleAt(
  seconds: number,
  guests: [pid: number, rchar: number, read: number][],
  cpuSeconds = 0,
): Sample {
  return fakeSample({
    at: seconds * 1000,
    guests: guests.map(([pid, rcharBytes, readBytes]) => ({
      pid,
      name: `g${pid}`,
      rssBytes: 100,
      rcharBytes,
      readBytes,
    })),
    helper: { cpuSeconds, rssBytes: 0 },
  })
}

function ratesOf(...samples: Sample[]) {
  const figures = new HostFigures()
  for (const sample of samples) figures.add(sample)
  return figures.rates()
}

describe('HostFigures', () => {
  it('knows no rate from one sample', () => {
    expect(ratesOf(sampleAt(0, [[1, 100, 50]]))).toEqual({})
  })

  it('sums guests over the last minute', () => {
    const rates = ratesOf(
      sampleAt(
        0,
        [
          [1, 0, 0],
          [2, 0, 0],
        ],
        1,
      ),
      sampleAt(
        10,
        [
          [1, 100, 0],
          [2, 300, 100],
        ],
        2,
      ),
    )
    expect(rates).toEqual({ hitRatio: 0.75, cpuRatio: 0.1 })
  })

  it('has no hit ratio without reads', () => {
    expect(ratesOf(sampleAt(0, [[1, 5, 5]]), sampleAt(2, [[1, 5, 5]]))).toEqual({ cpuRatio: 0 })
  })

  it('shows what was read ahead when it cuts the ratio off', () => {
    const rates = ratesOf(sampleAt(0, [[1, 0, 0]]), sampleAt(2, [[1, 100, 180]]))
    expect(rates).toMatchObject({ hitRatio: 0, readAheadBytes: 80 })
  })

  it('leaves out a guest that restarted and forgets what is older than a minute', () => {
    const old = sampleAt(0, [[1, 0, 0]])
    const rates = ratesOf(
      old,
      sampleAt(100, [[1, 1000, 1000]]),
      sampleAt(102, [[7, 50, 0]]),
      sampleAt(104, [[7, 150, 50]]),
    )
    expect(rates.hitRatio).toBe(0.5)
  })

  it('keeps at most 60 points of the last 30 minutes, the latest last', () => {
    const figures = new HostFigures()
    for (let at = 0; at < 3600; at += 2) figures.add(sampleAt(at, [[1, 0, 0]]))
    figures.add(fakeSample({ at: 3600_000, images: [{ path: '/i', residentBytes: 7 }] }))
    const line = figures.sparkline()
    expect(line.length).toBe(60)
    expect(line.at(-1)).toBe(7)
  })

  it('starts a counter again when a new helper counts from 0', () => {
    const figures = new HostFigures()
    for (const cpu of [5, 6, 1, 2]) figures.add(sampleAt(cpu, [], cpu))
    expect(figures.cpuSpent).toEqual({ helperSeconds: 8, ksmdSeconds: 0 })
  })
})

describe('readsBetween', () => {
  it('skips guests that report no counters', () => {
    const bare = fakeSample({ guests: [{ pid: 1, name: 'g1', rssBytes: 1 }] })
    expect(readsBetween(bare, sampleAt(2, [[1, 5, 5]])).size).toBe(0)
  })
})

describe('stillEvictedBytes', () => {
  it('counts what has not come back, image by image', () => {
    const image = (path: string) => ({
      path,
      residentBeforeBytes: 100,
      residentAfterBytes: 10,
      evictedBytes: 90,
      keptDirtyBytes: 0,
      keptUniqueBytes: 10,
    })
    const scrub = { images: [image('/a'), image('/b'), image('/gone')] } as unknown as ScrubResult
    const latest = fakeSample({
      images: [
        { path: '/a', residentBytes: 40 },
        { path: '/b', residentBytes: 500 },
      ],
    })
    expect(stillEvictedBytes(scrub, latest)).toBe(60)
  })
})
