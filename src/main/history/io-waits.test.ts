// How long guests wait for storage, from samples to series.
import { expect, it } from 'vitest'
import { fakeSample } from '../../../test/fakes/fake-sample.ts'
import { openMemoryDatabase } from '../../../test/fakes/memory-database.ts'
import type { Sample } from '../../shared/contract/index.ts'
import { HistoryStore } from './history-store.ts'
import { measureInterval } from './interval.ts'

const hour = 3_600_000
/** Divisible by every step, so that buckets begin here. */
const start = 500_000 * hour

function sampleAt(at: number, ioPressureRatio: number | undefined): Sample {
  const guest = { pid: 1, name: 'web', rssBytes: 1e8 }
  const note = { ioPressureNote: 'this host has no cgroup v2' }
  const told = ioPressureRatio === undefined ? note : { ioPressureRatio }
  return fakeSample({ at, arrivedAt: at, guests: [{ ...guest, ...told }] })
}

it('is a share of the time in which it was reported, also when it is rolled up', () => {
  const store = new HistoryStore(openMemoryDatabase())
  try {
    let before = sampleAt(start - 2000, 0)
    for (const [index, ratio] of [0, 0.5, undefined].entries()) {
      const sample = sampleAt(start + index * 2000, ratio)
      store.addInterval('h', measureInterval(before, sample))
      before = sample
    }
    const query = { hostId: 'h', from: start, points: 100, metrics: [] }
    const whole = store.series({ ...query, to: start + 4000 }, start + 4000)
    expect(whole.guestIoPressureRatio).toEqual({ web: [0, 0.5, null] })
    expect(whole.guestReadsPerSecond).toEqual({})
    store.tidy(start + hour, start + hour)
    const later = start + 48 * hour
    const rolled = store.series({ ...query, to: later }, later)
    expect(rolled.guestIoPressureRatio.web?.find((value) => value !== null)).toBeCloseTo(0.25)
  } finally {
    store.close()
  }
})
