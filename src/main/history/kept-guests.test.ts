import { describe, expect, it } from 'vitest'
import { fakeSample } from '../../../test/fakes/fake-sample.ts'
import { most } from '../../shared/contract/bounded.ts'
import { measureInterval } from './interval.ts'
import { KeptGuests, otherGuests } from './kept-guests.ts'

const hourMs = 3_600_000

/** An interval in which each guest of these names asked for 3 bytes and fetched 2, read twice and waited half the time. */
function intervalOf(names: readonly string[]) {
  const guests = (bytes: number) =>
    names.map((name, index) => ({
      pid: index + 1,
      name,
      rssBytes: 1,
      cpuSeconds: bytes,
      rcharBytes: bytes * 3,
      readBytes: bytes * 2,
      diskReads: { monotonicSeconds: 1, readRequests: 1, readsPerSecond: 1, readLatencySeconds: 0.5 },
      ioPressureRatio: 0.5,
    }))
  const before = fakeSample({ at: 0, guests: guests(0) })
  return measureInterval(before, fakeSample({ at: 2000, guests: guests(1) }))
}

const namesOf = (count: number, from: number) =>
  Array.from({ length: count }, (_, index) => `guest ${from + index}`)

describe('names of guests in history', () => {
  it('are those of a host that runs as many guests as one may list', () => {
    const interval = intervalOf(namesOf(most.guests, 0))
    const kept = new KeptGuests(() => 0)
    expect(kept.limitNames('h', interval)).toBe(interval)
    expect(kept.limitNames('h', interval)).toBe(interval)
  })

  it('are bounded where each sample brings new ones, whose figures are added up', () => {
    let now = 0
    const kept = new KeptGuests(() => now)
    kept.limitNames('h', intervalOf(namesOf(most.guests, 0)))
    const next = kept.limitNames('h', intervalOf(['guest 0', ...namesOf(3, 5000)]))
    expect(next.reads).toEqual([
      { guest: 'guest 0', askedBytes: 3, fetchedBytes: 2 },
      { guest: otherGuests, askedBytes: 9, fetchedBytes: 6 },
    ])
    expect(next.requests.at(-1)).toEqual({
      guest: otherGuests,
      reads: 6,
      timedReads: 6,
      seconds: 3,
      observedSeconds: 6,
    })
    expect(next.ioWaits.at(-1)).toEqual({ guest: otherGuests, waitedMs: 3000, observedMs: 6000 })
    expect(next.cpu).toEqual([
      { guest: 'guest 0', usedMs: 1000, observedMs: 2000 },
      { guest: otherGuests, usedMs: 3000, observedMs: 6000 },
    ])
    expect(next.sums.askedBytes).toBe(12)
    const seen = new Set<string>()
    for (let look = 0; look < 24 * 60; look += 1) {
      now += hourMs / 60
      const { reads } = kept.limitNames('h', intervalOf(namesOf(50, 10_000 + 50 * look)))
      for (const { guest } of reads) seen.add(guest)
    }
    expect(seen.size).toBeLessThan(24 * 60 + 10)
    expect(seen.size).toBeGreaterThan(24 * 30)
  })

  it('of one host cost no other its own', () => {
    const kept = new KeptGuests(() => 0)
    kept.limitNames('liar', intervalOf(namesOf(most.guests, 0)))
    const honest = intervalOf(['web'])
    expect(kept.limitNames('honest', honest)).toBe(honest)
  })
})
