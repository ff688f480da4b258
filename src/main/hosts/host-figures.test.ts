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
  samples.forEach((sample, index) => {
    figures.addSample(sample, samples[index - 1], sample.at)
  })
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
    for (let at = 0; at < 3600; at += 2) figures.addSample(sampleAt(at, [[1, 0, 0]]), undefined, at * 1000)
    figures.addSample(
      fakeSample({ at: 3600_000, images: [{ path: '/i', residentBytes: 7 }] }),
      undefined,
      3_600_000,
    )
    const line = figures.sparkline()
    expect(line.length).toBe(60)
    expect(line.at(-1)).toBe(7)
  })

  it('adds up what each helper used, a new one from its start', () => {
    const figures = new HostFigures()
    const [first, second, third, fourth] = [5, 6, 1, 2].map((cpu) => sampleAt(cpu, [], cpu))
    figures.addSample(first as Sample, undefined)
    figures.addSample(second as Sample, first)
    figures.addSample(third as Sample, undefined)
    figures.addSample(fourth as Sample, third)
    expect(figures.cpuSpent).toEqual({ helperSeconds: 8, ksmdSeconds: 0 })
  })

  it('takes the CPU of ksmd for unknown where /proc does not show it and it may be at work', () => {
    const none = { pagesShared: 0, pagesSharing: 0, pagesUnshared: 0, pagesVolatile: 0, fullScans: 3 }
    const at = (seconds: number, run: number, pagesScanned: number): Sample => ({
      ...sampleAt(seconds, [], seconds / 10),
      ksm: {
        settings: { run, pagesToScan: 100, sleepMillisecs: 20 },
        counters: { ...none, pagesScanned },
        mergedBytes: 0,
        governors: [],
      },
    })
    const resting = [at(10, 0, 7), at(20, 0, 7)]
    expect(ratesOf(...resting).cpuRatio).toBeCloseTo(0.1)
    const scanning = [at(10, 1, 7), at(20, 1, 9)]
    expect(ratesOf(...scanning)).not.toHaveProperty('cpuRatio')
    const figures = new HostFigures()
    scanning.forEach((sample, index) => {
      figures.addSample(sample, scanning[index - 1])
    })
    expect(figures.cpuSpent).toEqual({ helperSeconds: 2 })
  })

  it('knows the same rates whatever the wall clocks of host and workbench do', () => {
    const hour = 3_600_000
    for (const step of [0, hour, -hour]) {
      const figures = new HostFigures()
      const before = fakeSample({ at: hour, arrivedAt: hour, monotonicSeconds: 10 })
      const after = fakeSample({
        at: hour + step,
        arrivedAt: hour - step,
        monotonicSeconds: 12,
        helper: { cpuSeconds: 0.5, rssBytes: 0 },
      })
      figures.addSample(before, undefined, 0)
      figures.addSample(after, before, 2000)
      expect(figures.rates()).toEqual({ cpuRatio: 0.25 })
      expect(figures.sparkline()).toHaveLength(2)
    }
  })

  it.each([
    ['went back', 9, 12],
    ['stood still', 10, 12],
    ['made a leap', 10_000, 12],
    ['counted less CPU than before', 12, 0],
  ])('begins a new series where the helper %s', (_, monotonicSeconds, cpuSeconds) => {
    const figures = new HostFigures()
    const before = fakeSample({ monotonicSeconds: 10, helper: { cpuSeconds: 1, rssBytes: 0 } })
    const after = fakeSample({ monotonicSeconds, helper: { cpuSeconds, rssBytes: 0 } })
    figures.addSample(before, undefined, 0)
    figures.addSample(after, before, 2000)
    expect(figures.rates()).toEqual({})
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
