// CPU of guests, from samples to series.
import { describe, expect, it } from 'vitest'
import { fakeSample } from '../../../test/fakes/fake-sample.ts'
import { openMemoryDatabase } from '../../../test/fakes/memory-database.ts'
import type { MetricName, Sample } from '../../shared/contract/index.ts'
import { HistoryStore } from './history-store.ts'
import { measureInterval } from './interval.ts'
import { withCpuRatios } from './sample-deltas.ts'

const hour = 3_600_000
/** Divisible by every step, so that buckets begin here. */
const start = 500_000 * hour

const guest = (name: string, cpuSeconds?: number, pid = 1): Sample['guests'][number] => ({
  ...{ pid, name, rssBytes: 1e8 },
  ...(cpuSeconds !== undefined && { cpuSeconds }),
})
const sampleAt = (at: number, ...guests: Sample['guests']) => fakeSample({ at, arrivedAt: at, guests })

describe('withCpuRatios', () => {
  const before = sampleAt(0, guest('web', 10), guest('db', 5, 2), guest('mail', undefined, 3))
  const ratios = (after: Sample, from: Sample | undefined = before) =>
    withCpuRatios(from, after).guests.map(({ cpuRatio }) => cpuRatio)

  it.each<[string, Sample, (number | undefined)[]]>([
    [
      'several vCPUs at work and an idle guest',
      sampleAt(2000, guest('web', 15), guest('db', 5, 2)),
      [2.5, 0],
    ],
    ['a guest that started in between', sampleAt(2000, guest('new', 3, 9)), [undefined]],
    ['another process of the same name', sampleAt(2000, guest('web', 15, 7)), [undefined]],
    ['a counter that went back', sampleAt(2000, guest('web', 9)), [undefined]],
    ['a counter that was not reported before', sampleAt(2000, guest('mail', 5, 3)), [undefined]],
    ['more than all processors there are', sampleAt(2000, guest('web', 1e9)), [undefined]],
    ['next to no time, over which no ratio means anything', sampleAt(1, guest('web', 4010)), [undefined]],
    ['a gap', sampleAt(60_000, guest('web', 15)), [undefined]],
  ])('tells %s', (_, after, expected) => {
    expect(ratios(after)).toEqual(expected)
  })

  it('tells nothing of a first sample, and overwrites what a helper says', () => {
    const told = { ...guest('web', 15), cpuRatio: 0.25 }
    expect(withCpuRatios(undefined, sampleAt(2000, told)).guests).toEqual([guest('web', 15)])
    expect(ratios(sampleAt(2000, told))).toEqual([2.5])
  })
})

it('tells what all processors were at work, of two samples that count it', () => {
  const busy = (at: number, busyCpuSeconds?: number) => ({
    ...sampleAt(at),
    ...(busyCpuSeconds !== undefined && { busyCpuSeconds }),
  })
  const told = (from: Sample | undefined, to: Sample) => withCpuRatios(from, to).busyCpuRatio
  expect(told(busy(0, 100), busy(2000, 105))).toBe(2.5)
  expect(told(busy(0, 100), busy(2000, 100))).toBe(0)
  expect(told(busy(0, 100), busy(2000, 99))).toBeUndefined()
  expect(told(busy(0, 100), busy(60_000, 105))).toBeUndefined()
  expect(told(busy(0, 100), busy(2000, 1e9))).toBeUndefined()
  expect(told(busy(0, 100), busy(2000))).toBeUndefined()
  expect(told(undefined, { ...busy(2000, 105), busyCpuRatio: 7 })).toBeUndefined()
})

it('is a share of the time in which it was known, also when it is rolled up', () => {
  const store = new HistoryStore(openMemoryDatabase())
  try {
    let before = { ...sampleAt(start - 2000, guest('web', 1)), busyCpuSeconds: 100 }
    for (const [index, cpuSeconds] of [1, 4, undefined].entries()) {
      const sample = {
        ...sampleAt(start + index * 2000, guest('web', cpuSeconds)),
        busyCpuSeconds: 104 + 4 * index,
      }
      store.addInterval('h', measureInterval(before, sample))
      before = sample
    }
    const metrics: MetricName[] = ['guestCpuRatio', 'hostCpuRatio']
    const query = { hostId: 'h', from: start, points: 100, metrics }
    const whole = store.series({ ...query, to: start + 4000 }, start + 4000)
    expect(whole.guestCpuRatio).toEqual({ web: [0, 1.5, null] })
    expect(whole.metrics).toEqual({ guestCpuRatio: [0, 1.5, null], hostCpuRatio: [2, 2, 2] })
    store.tidy(start + hour, start + hour)
    const later = start + 48 * hour
    const rolled = store.series({ ...query, to: later }, later)
    expect(rolled.guestCpuRatio.web?.find((value) => value !== null)).toBeCloseTo(0.75)
  } finally {
    store.close()
  }
})

it('is none of a host without guests, and unknown where guests run and none tells', () => {
  const sums = (...guests: Sample['guests']) =>
    measureInterval(sampleAt(0, ...guests), sampleAt(2000, ...guests)).sums.guestCpuSeconds
  expect(sums()).toBe(0)
  expect(sums(guest('web'))).toBeNull()
  expect(sums(guest('web', 3))).toBe(0)
})
