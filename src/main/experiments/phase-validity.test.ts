import { describe, expect, it } from 'vitest'
import { fakePlan } from '../../../test/fakes/fake-experiment.ts'
import { fakeSample } from '../../../test/fakes/fake-sample.ts'
import type { Sample, SampledGuest } from '../../shared/contract/index.ts'
import { whyPressureTrips, whySlowdownTrips } from './guards.ts'
import { measurePhase } from './phase-figures.ts'
import { findFault, type PhaseEvidence } from './phase-validity.ts'

const MiB = 2 ** 20
const guest = (change: Partial<SampledGuest> = {}): SampledGuest => ({
  pid: 7,
  name: 'web',
  rssBytes: 256 * MiB,
  rcharBytes: 0,
  readBytes: 0,
  ...change,
})
const sampleAt = (monotonicSeconds: number, guests: SampledGuest[], change: Partial<Sample> = {}) =>
  fakeSample({ monotonicSeconds, guests, ...change })

/** 1000 pages asked for in ten seconds, a quarter of them from storage. */
const plain = [
  sampleAt(100, [guest()]),
  sampleAt(105, [guest({ rcharBytes: 2 * MiB, readBytes: MiB })]),
  sampleAt(110, [guest({ rcharBytes: 4000 * 1024, readBytes: 1000 * 1024 })]),
]

function fault(samples: readonly Sample[], change: Partial<PhaseEvidence> = {}) {
  const plan = fakePlan({ metric: 'hit-ratio' })
  const figures = measurePhase(samples)
  return findFault({ plan, samples, figures, otherActs: [], ...change })
}

describe('the figures of a phase', () => {
  it('count pages that were asked for, and what storage was asked for', () => {
    expect(measurePhase(plain)).toMatchObject({
      seconds: 10,
      guests: [{ name: 'web', reads: 1000, askedBytes: 4000 * 1024, fetchedBytes: 1000 * 1024 }],
    })
  })

  it('keep two guests of one name apart', () => {
    const both = (read: number) => [
      guest({ rcharBytes: read, readBytes: 0 }),
      guest({ pid: 8, rcharBytes: 3 * read, readBytes: read }),
    ]
    const { guests } = measurePhase([sampleAt(100, both(0)), sampleAt(110, both(MiB))])
    expect(guests.map(({ askedBytes, fetchedBytes }) => [askedBytes, fetchedBytes])).toEqual([
      [MiB, 0],
      [3 * MiB, MiB],
    ])
    expect(new Set(guests.map(({ name }) => name)).size).toBe(2)
  })

  it('take requests and their time from the hypervisor, scaled to the phase', () => {
    const told = (monotonicSeconds: number, readRequests: number, readSeconds: number) => ({
      diskReads: { monotonicSeconds, readRequests, readSeconds },
    })
    const samples = [
      // Told before the phase, and repeated in it: it says nothing of it.
      sampleAt(100, [guest(told(92, 5_000, 1))]),
      sampleAt(104, [guest(told(102, 10_000, 10))]),
      sampleAt(110, [guest(told(107, 12_000, 14))]),
    ]
    expect(measurePhase(samples).guests[0]).toMatchObject({ reads: 4000, readLatencySeconds: 0.002 })
  })

  it('take the answer that the sample at the beginning asked for, a moment before its own time', () => {
    const told = (monotonicSeconds: number, readRequests: number, readSeconds: number) => ({
      diskReads: { monotonicSeconds, readRequests, readSeconds },
    })
    const samples = [
      sampleAt(100, [guest(told(99.98, 1000, 1))]),
      sampleAt(102, [guest(told(101.98, 1512, 1.5))]),
    ]
    expect(measurePhase(samples).guests[0]).toMatchObject({ reads: 512, readLatencySeconds: 2 ** -10 })
  })

  it('take nothing from answers of a moment of the phase', () => {
    const told = (monotonicSeconds: number, readRequests: number) => ({
      diskReads: { monotonicSeconds, readRequests, readSeconds: 1 },
    })
    const samples = [
      sampleAt(100, [guest(told(100, 0))]),
      sampleAt(102, [guest(told(100.1, 50))]),
      sampleAt(110, [guest({ rcharBytes: 4096 * 80 })]),
    ]
    const [found] = measurePhase(samples).guests
    expect(found).toMatchObject({ reads: 80, readsInPages: true })
    expect(found?.readLatencySeconds).toBeUndefined()
  })

  it('know no latency from one answer of the hypervisor', () => {
    const one = { diskReads: { monotonicSeconds: 104, readRequests: 1, readSeconds: 1 } }
    const samples = [sampleAt(100, [guest()]), sampleAt(110, [guest(one)])]
    expect(measurePhase(samples).guests[0]?.readLatencySeconds).toBeUndefined()
  })

  it('know what the host spent on other than guests and ourselves', () => {
    const at = (seconds: number, busyCpuSeconds: number, cpuSeconds: number) =>
      sampleAt(seconds, [guest({ cpuSeconds })], {
        busyCpuSeconds,
        helper: { cpuSeconds: seconds / 100, rssBytes: 1 },
      })
    expect(measurePhase([at(100, 50, 20), at(110, 64, 28)]).otherCpuRatio).toBeCloseTo(0.59, 9)
    expect(measurePhase(plain).otherCpuRatio).toBeUndefined()
  })

  it('leave merged pages out of memory', () => {
    const images = [{ path: '/i', residentBytes: 50 * MiB }]
    const samples = [sampleAt(100, [guest()], { images }), sampleAt(110, [guest()], { images })]
    expect(measurePhase(samples).memoryBytes).toBe(306 * MiB)
  })

  it('count the guests that memory carries by what each takes, merged pages once', () => {
    const memory = { totalBytes: 2048 * MiB, freeBytes: 0, availableBytes: 512 * MiB, cachedBytes: 0 }
    const both = [guest(), guest({ pid: 8, name: 'db' })]
    const carriedWith = (change: Partial<Sample>) =>
      measurePhase([100, 110].map((seconds) => sampleAt(seconds, both, { memory, ...change }))).guestsCarried
    expect(carriedWith({})).toBe(4)
    const counters = { pagesShared: 1, pagesSharing: 1, pagesUnshared: 0, pagesVolatile: 0, fullScans: 1 }
    const settings = { run: 1, pagesToScan: 100, sleepMillisecs: 20 }
    const ksm = { settings, counters, mergedBytes: 128 * MiB, governors: [] }
    expect(carriedWith({ ksm })).toBeCloseTo((2 * (384 + 512)) / 384, 9)
    expect(measurePhase([sampleAt(100, []), sampleAt(110, [])]).guestsCarried).toBeUndefined()
  })
})

describe('a phase', () => {
  it('is valid where its guests read and nothing else happened', () => {
    expect(fault(plain)).toBeUndefined()
  })

  it.each([
    ['a guest that came', [...plain, sampleAt(112, [guest(), guest({ pid: 8, name: 'db' })])], 'guest-came'],
    ['a guest that left', [...plain, sampleAt(112, [])], 'guest-went'],
    ['a guest that was started anew', [...plain, sampleAt(112, [guest({ pid: 9 })])], 'guest-came'],
    [
      'a guest whose balloon was filled',
      [...plain, sampleAt(112, [guest({ rssBytes: 128 * MiB })])],
      'guest-resized',
    ],
    ['another helper', [...plain, sampleAt(3, [guest()])], 'connection-lost'],
    ['a gap', [...plain, sampleAt(160, [guest()])], 'connection-lost'],
    ['a single sample', plain.slice(0, 1), 'connection-lost'],
    [
      'hardly any read',
      [sampleAt(100, [guest()]), sampleAt(110, [guest({ rcharBytes: 8192 })])],
      'too-few-reads',
    ],
  ] as const)('with %s is not', (_, samples, code) => {
    expect(fault(samples)?.code).toBe(code)
  })

  it('is not where somebody else did something on the host', () => {
    expect(fault(plain, { otherActs: ['Assess'] })).toEqual({
      code: 'other-act',
      text: '"Assess" ran on the host',
    })
    expect(fault(plain, { policyFault: 'the policy has ended by itself' })?.code).toBe('policy-changed')
  })

  it('is not where a guest came before what is measured, since it still boots', () => {
    const db = guest({ pid: 8, name: 'db' })
    const both = plain.map((sample) => ({ ...sample, guests: [...sample.guests, db] }))
    expect(fault(both, { before: [sampleAt(98, [guest()])] })?.code).toBe('guest-came')
    expect(fault(both, { before: [sampleAt(98, [guest(), db])] })).toBeUndefined()
  })

  it('is not where one guest reads enough and only another tells the metric', () => {
    const told = (seconds: number, readRequests: number) => ({
      diskReads: { monotonicSeconds: seconds, readRequests, readSeconds: readRequests / 1000 },
    })
    const samples = [100, 110].map((seconds) => [
      guest({ rcharBytes: (seconds - 100) * MiB }),
      guest({ pid: 8, name: 'db', ...told(seconds, seconds - 100) }),
    ])
    const plan = fakePlan({ metric: 'read-latency' })
    const series = samples.map((guests, index) => sampleAt(100 + 10 * index, guests))
    expect(fault(series, { plan })?.code).toBe('not-reported')
  })

  it('says that a metric is not reported, which is not too few reads', () => {
    const plan = fakePlan({ metric: 'read-latency' })
    expect(fault(plain, { plan })?.code).toBe('not-reported')
  })
})

describe('guards of an experiment', () => {
  const pressed = (ratio: number) => fakeSample({ gauges: { memorySomePressureRatio: ratio } })

  it.each([
    [0.1, 0, undefined],
    [0.25, 0, 'a guard tripped: memory pressure 25.0 %, bound 20.0 % (0.0 % at the start of the phase)'],
    [0.25, 0.2, undefined],
  ])('with pressure of %d after %d say %s', (now, before, why) => {
    expect(whyPressureTrips(pressed(now), pressed(before), fakePlan())).toBe(why)
  })

  it('trip where a phase of a policy is much worse than the kernel alone, and never for the kernel', () => {
    const plan = fakePlan()
    const phase = (arm: 0 | 1, reads: number) => ({
      ...{ pair: 0, attempt: 0, arm, state: 'valid' as const, startedAt: 0 },
      figures: { seconds: 10, guests: [{ name: 'web', reads }] },
    })
    const phases = [phase(0, 10_000), phase(0, 12_000), phase(1, 11_000), phase(1, 11_000)]
    expect(whySlowdownTrips(phase(1, 1000), { phases }, plan)).toBe(
      'a guard tripped: reads/s was 11.0x worse under adaptive: 100/s against 1,100/s, bound 5x',
    )
    expect(whySlowdownTrips(phase(1, 9000), { phases }, plan)).toBeUndefined()
    expect(whySlowdownTrips(phase(0, 1000), { phases }, plan)).toBeUndefined()
  })

  it('are not tripped by a guest that reads under the policy alone', () => {
    const plan = fakePlan({ metric: 'read-latency' })
    const phase = (arm: 0 | 1, backupReads: number) => ({
      ...{ pair: 0, attempt: 0, arm, state: 'valid' as const, startedAt: 0 },
      figures: {
        seconds: 10,
        guests: [
          { name: 'web', reads: 1000, readLatencySeconds: 0.0001 },
          { name: 'backup', reads: backupReads, readLatencySeconds: 0.02 },
        ],
      },
    })
    const phases = [phase(0, 10), phase(0, 10)]
    expect(whySlowdownTrips(phase(1, 5000), { phases }, plan)).toBeUndefined()
    const both = [phase(0, 5000), phase(0, 5000)]
    const slow = phase(1, 5000)
    const guests = slow.figures.guests.map((one) => ({
      ...one,
      readLatencySeconds: one.readLatencySeconds * 6,
    }))
    expect(
      whySlowdownTrips({ ...slow, figures: { ...slow.figures, guests } }, { phases: both }, plan),
    ).toMatch(/^a guard tripped: read latency was 6\.00x worse/)
  })
})
