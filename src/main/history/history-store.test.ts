import { afterEach, describe, expect, it } from 'vitest'
import { openMemoryDatabase } from '../../../test/fakes/memory-database.ts'
import {
  type Assessment,
  gaugeNames,
  type MetricName,
  type ScrubResult,
  sumNames,
} from '../../shared/contract/index.ts'
import { HistoryStore } from './history-store.ts'
import type { Interval, IntervalReads } from './interval.ts'

const minute = 60_000
const day = 24 * 60 * minute
/** Divisible by every step, so that buckets begin here. */
const start = 1_800_000_000_000 - (1_800_000_000_000 % (15 * minute))

const stores: HistoryStore[] = []
function open(): HistoryStore {
  const store = new HistoryStore(openMemoryDatabase())
  stores.push(store)
  return store
}
afterEach(() => {
  for (const store of stores.splice(0)) store.close()
})

function intervalAt(at: number, guestResidentBytes: number, reads: IntervalReads[] = []): Interval {
  const gauges = Object.fromEntries(gaugeNames.map((name) => [name, 1])) as Interval['gauges']
  return {
    at,
    gauges: { ...gauges, guestResidentBytes, mergedBytes: null },
    sums: {
      ...(Object.fromEntries(sumNames.map((name) => [name, null])) as Interval['sums']),
      seconds: 2,
      askedBytes: reads.reduce((sum, read) => sum + read.askedBytes, 0),
      fetchedBytes: reads.reduce((sum, read) => sum + read.fetchedBytes, 0),
      helperCpuSeconds: 0.02,
      ksmdCpuSeconds: null,
    },
    reads,
    requests: [],
    ioWaits: [],
    cpu: [],
  }
}

const read = (guest: string, askedBytes: number, fetchedBytes: number) => ({
  guest,
  askedBytes,
  fetchedBytes,
})

/** The same sums in another order differ in the last digit. */
function toTwelveDigits(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (_, one) => (typeof one === 'number' ? one.toPrecision(12) : one))
}

function query(from: number, to: number, points: number, ...metrics: MetricName[]) {
  return { hostId: 'h', from, to, points, metrics }
}

describe('reads of guests as QEMU counts them', () => {
  const asked = (at: number, reads: number, latency: number): Interval => ({
    ...intervalAt(at, 1),
    requests: [{ guest: 'g', observedSeconds: 2, reads, timedReads: reads, seconds: reads * latency }],
  })

  it('keeps 0 apart from what nobody told, and weighs latency by reads', () => {
    const store = open()
    store.addInterval('h', asked(start, 30, 0.01))
    store.addInterval('h', asked(start + 2000, 0, 0))
    store.addInterval('h', intervalAt(start + 4000, 1))
    store.addInterval('h', asked(start + 6000, 10, 0.05))
    const whole = store.series(query(start, start + 6000, 100), start + 6000)
    expect(whole.guestReadsPerSecond).toEqual({ g: [15, 0, null, 5] })
    expect(whole.guestReadLatencySeconds).toEqual({ g: [0.01, null, null, 0.05] })
    expect(whole.guestHitRatio).toEqual({})
    store.tidy(start + minute, start + minute)
    const later = start + 2 * day
    const rolled = store.series(query(start, later, 100), later)
    expect(rolled.guestReadsPerSecond.g?.find((value) => value !== null)).toBeCloseTo(40 / 6)
    expect(rolled.guestReadLatencySeconds.g?.find((value) => value !== null)).toBeCloseTo(0.8 / 40)
  })
})

describe('notes of policies', () => {
  const note = (sequence: number, text: string, at = start + sequence) =>
    ({ at, since: 5, mode: 'service', sequence, text }) as const

  it('are kept once, the newest first, each host its own', () => {
    const store = open()
    store.addNotes('h', [note(1, 'a'), note(2, 'b')])
    store.addNotes('h', [note(2, 'b', start + 99), note(3, 'c')])
    store.addNotes('other', [note(1, 'x')])
    expect(store.notes('h', 2).map(({ text }) => text)).toEqual(['c', 'b'])
    expect(store.notes('h', 10)).toHaveLength(3)
    store.forget('h')
    expect(store.notes('h', 10)).toEqual([])
    expect(store.notes('other', 10)).toHaveLength(1)
  })

  it('are dropped when they are old, or too many', () => {
    const store = open()
    store.addNotes('h', [note(1, 'old', start - 91 * day)])
    store.addNotes(
      'h',
      Array.from({ length: 5010 }, (_, index) => note(index + 2, 'line')),
    )
    store.tidy(start, start)
    const left = store.notes('h', 10_000)
    expect(left).toHaveLength(5000)
    expect(left.at(-1)?.at).toBe(start + 12)
  })
})

describe('HistoryStore', () => {
  it('gives back few rows as they are, with a gap where nothing was sampled', () => {
    const store = open()
    for (const at of [0, 2000, 60_000]) {
      store.addInterval('h', intervalAt(start + at, at, [read('g', 100, 25)]))
    }
    const series = store.series(
      query(start, start + minute, 100, 'guestResidentBytes', 'mergedBytes', 'hitRatio'),
      start,
    )
    expect(series.at.map((at) => at - start)).toEqual([0, 2000, 2001, 60_000])
    expect(series.metrics.guestResidentBytes).toEqual([0, 2000, null, 60_000])
    expect(series.metrics.mergedBytes).toEqual([null, null, null, null])
    expect(series.metrics.hitRatio).toEqual([0.75, 0.75, null, 0.75])
    expect(series.guestHitRatio).toEqual({ g: [0.75, 0.75, null, 0.75] })
  })

  it('keeps every peak when it downsamples, and weighs ratios by what was read', () => {
    const store = open()
    for (let index = 0; index < 1000; index += 1) {
      const value = index === 333 ? 9999 : index === 700 ? -5 : 10
      const reads = index % 2 === 0 ? [read('g', 900, 0)] : [read('g', 100, 100)]
      store.addInterval('h', intervalAt(start + index * 2000, value, reads))
    }
    const series = store.series(query(start, start + 2_000_000, 20, 'guestResidentBytes', 'hitRatio'), start)
    const values = series.metrics.guestResidentBytes ?? []
    expect(series.at.length).toBeLessThanOrEqual(20)
    expect(values).toContain(9999)
    expect(values).toContain(-5)
    expect(series.metrics.hitRatio?.every((ratio) => Math.abs((ratio ?? 0) - 0.9) < 1e-9)).toBe(true)
    expect(series.at).toEqual(series.at.toSorted((a, b) => a - b))
  })

  it('rolls samples up to minutes and quarters, drops old ones and reads across the levels', () => {
    const store = open()
    const write = (at: number, value: number) =>
      store.addInterval('h', intervalAt(at, value, [read('g', 10, 1)]))
    for (let at = start; at < start + 30 * minute; at += 10_000) write(at, at === start + 10_000 ? 500 : 100)
    store.tidy(start + 31 * minute, start + 31 * minute)
    store.tidy(start + 2 * day, start + 2 * day)
    write(start + 2 * day, 7)
    const series = store.series(
      query(start, start + 2 * day, 5000, 'guestResidentBytes', 'hitRatio', 'helperCpuRatio'),
      start + 2 * day,
    )
    const values = series.metrics.guestResidentBytes ?? []
    expect(values.slice(0, 2)).toEqual([Math.round((500 + 5 * 100) / 6), 100])
    expect(values.filter((value) => value !== null).length).toBe(31)
    expect(values.at(-1)).toBe(7)
    expect(series.metrics.hitRatio?.[0]).toBeCloseTo(0.9)
    expect(series.metrics.helperCpuRatio?.[0]).toBeCloseTo(0.01)
    store.tidy(start + 40 * day, start + 40 * day)
    const old = store.series(query(start, start + 40 * day, 10, 'guestResidentBytes'), start + 40 * day)
    const [first, second] = old.metrics.guestResidentBytes ?? []
    // Whole bytes at each of the levels below.
    expect(Math.abs((first ?? 0) - (500 + 89 * 100) / 90)).toBeLessThan(1)
    expect(second).toBe(100)
  })

  it('shows assessments and scrubs as steps', () => {
    const store = open()
    for (let at = 0; at <= 10_000; at += 2000) store.addInterval('h', intervalAt(start + at, 1))
    const totals = { doubleCachedBytes: 800, reclaimableBytes: 1000 }
    store.addAssessment('h', start + 3000, { totals } as Assessment)
    const scrubbed = { residentAfterBytes: 150, keptUniqueBytes: 100, evictedBytes: 750 }
    store.addScrub('h', start + 7000, { totals: scrubbed } as ScrubResult, true)
    const metrics = store.series(
      query(start, start + 10_000, 100, 'doubleCachedBytes', 'reclaimableBytes'),
      start,
    ).metrics
    expect(metrics.doubleCachedBytes).toEqual([null, null, 800, 800, 50, 50])
    expect(metrics.reclaimableBytes).toEqual([null, null, 1000, 1000, 250, 250])
  })

  it('takes a partial scrub off what was known', () => {
    const store = open()
    store.addInterval('h', intervalAt(start + 5000, 1))
    store.addAssessment('h', start, {
      totals: { doubleCachedBytes: 800, reclaimableBytes: 1000 },
    } as Assessment)
    const scrubbed = { residentAfterBytes: 0, keptUniqueBytes: 0, evictedBytes: 300 }
    store.addScrub('h', start + 1000, { totals: scrubbed } as ScrubResult, false)
    const { metrics } = store.series(
      query(start, start + 9000, 9, 'doubleCachedBytes', 'reclaimableBytes'),
      start,
    )
    expect(metrics).toEqual({ doubleCachedBytes: [500], reclaimableBytes: [700] })
    expect(store.remembered('h').left).toEqual({ doubleCachedBytes: 500, reclaimableBytes: 700 })
  })

  it('rolls a minute up again when the clock went back and samples were added to it', () => {
    const store = open()
    store.addInterval('h', intervalAt(start + 5000, 100))
    store.tidy(start + 2 * minute, start)
    store.addInterval('h', intervalAt(start + 15_000, 300))
    store.tidy(start + 2 * minute, start)
    store.tidy(start + 3 * day, start)
    const inMinutes = store.series(query(start, start + 2 * day, 5000, 'guestResidentBytes'), start + 2 * day)
    expect(inMinutes.metrics.guestResidentBytes).toEqual([200])
  })

  it('drops nothing for a clock that leaps ahead', () => {
    const store = open()
    store.addInterval('h', intervalAt(start, 1))
    store.tidy(start + 3650 * day, start + minute)
    const { at } = store.series(query(start, start + 1, 9), start)
    expect(at).toEqual([start])
    store.tidy(start + 3650 * day, start + 400 * day)
    expect(store.series(query(start, start + 1, 9), start).at).toEqual([])
  })

  it('knows the last of two assessments by their arrival', () => {
    const store = open()
    const totals = { doubleCachedBytes: 800, reclaimableBytes: 1000 }
    store.addAssessment('h', start, { totals } as Assessment)
    store.addAssessment('h', start - 60 * minute, {
      totals: { ...totals, doubleCachedBytes: 7 },
    } as Assessment)
    expect(store.remembered('h').left).toEqual({ doubleCachedBytes: 7, reclaimableBytes: 1000 })
  })

  it('forgets one host and leaves the other', () => {
    const store = open()
    store.addInterval('h', intervalAt(start, 1))
    store.addInterval('other', intervalAt(start, 2))
    store.forget('h')
    expect(store.series(query(start, start + 1, 9, 'freeBytes'), start).at).toEqual([])
    expect(store.series({ ...query(start, start + 1, 9), hostId: 'other' }, start).at).toEqual([start])
  })

  it('keeps marks of each host in order, once each, for as long as events', () => {
    const store = open()
    const mark = (at: number, text: string) => ({ at, kind: 'guest' as const, text })
    store.addMark('h', mark(start + 5, 'web started'))
    store.addMark('h', mark(start + 5, 'web started'))
    store.addMark('h', mark(start + 1, 'db ended'))
    store.addMark('other', mark(start + 2, 'mail ended'))
    const range = { hostId: 'h', from: start, to: start + 5 }
    expect(store.marks(range)).toEqual([mark(start + 1, 'db ended'), mark(start + 5, 'web started')])
    expect(store.marks({ ...range, to: start + 4 })).toHaveLength(1)
    store.tidy(start + 400 * day, start + 400 * day)
    expect(store.marks(range)).toEqual([])
  })

  it('takes back all of a failed transaction', () => {
    const store = open()
    expect(() =>
      store.inTransaction(() => {
        store.addInterval('h', intervalAt(start, 1))
        throw new Error('disk full')
      }),
    ).toThrow('disk full')
    store.addInterval('h', intervalAt(start + 2000, 1))
    expect(store.series(query(start, start + 9000, 9), start).at).toEqual([start + 2000])
  })

  it('refuses a range without length', () => {
    expect(() => open().series(query(start, start, 9), start)).toThrow(/range of time/)
  })

  it('adds up means over equal slots, the same from coarse rows as from fine ones', () => {
    const store = open()
    for (let at = 0; at < 30 * minute; at += 2000) {
      store.addInterval('h', intervalAt(start + at, at < 15 * minute ? 100 : 200, [read('a', 100, 25)]))
    }
    const query = { hostId: 'h', from: start, to: start + 45 * minute, slots: 3 }
    const fine = store.means(query, start + 45 * minute)
    expect(fine.at).toEqual([start, start + 15 * minute, start + 30 * minute])
    expect(fine.metrics.guestResidentBytes).toEqual([100, 200, null])
    expect(fine.metrics.hitRatio).toEqual([0.75, 0.75, null])
    expect(fine.metrics.mergedBytes).toEqual([null, null, null])
    expect(fine.metrics.ksmdCpuRatio).toEqual([null, null, null])
    expect(fine.metrics.helperCpuRatio?.[0]).toBeCloseTo(0.01)
    store.tidy(start + 40 * minute, start + 40 * minute)
    const coarse = store.means(query, start + 45 * minute)
    expect(toTwelveDigits(coarse)).toEqual(toTwelveDigits(fine))
  })
})
