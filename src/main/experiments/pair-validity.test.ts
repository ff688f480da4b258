import { describe, expect, it } from 'vitest'
import { fakeExperiment, fakeHost, fakePlan } from '../../../test/fakes/fake-experiment.ts'
import type { GuestPhase, PhaseFigures } from '../../shared/contract/index.ts'
import { analyzeExperiment } from './analyze.ts'
import { findPairFault } from './pair-validity.ts'

const web: GuestPhase = { name: 'web', pid: 7, reads: 1000, readLatencySeconds: 0.001 }
const db: GuestPhase = { name: 'db', pid: 8, reads: 1000, readLatencySeconds: 0.002 }
const phase = (...guests: GuestPhase[]): PhaseFigures => ({ seconds: 10, guests, memoryBytes: 1e9 })
const latency = fakePlan({ metric: 'read-latency' })

describe('the second phase of a pair', () => {
  it('is valid beside the same guests', () => {
    expect(findPairFault(phase(web, db), phase(db, web), latency)).toBeUndefined()
    expect(findPairFault(phase(), phase(), fakePlan({ metric: 'memory' }))).toBeUndefined()
  })

  it.each([
    ['came', [web], [web, db], 'guest-came', 'db booted or arrived since the other phase of the pair'],
    ['went', [web, db], [web], 'guest-went', 'db ended or left since the other phase of the pair'],
    [
      'was started anew',
      [web],
      [{ ...web, pid: 9 }],
      'guest-came',
      'web booted or arrived since the other phase of the pair',
    ],
  ] as const)('is not where a guest %s in between', (_, first, second, code, text) => {
    for (const metric of ['read-latency', 'memory'] as const)
      expect(findPairFault(phase(...first), phase(...second), fakePlan({ metric }))).toEqual({ code, text })
  })

  it.each([
    [{}, { pid: 7 }],
    [{ pid: 7 }, {}],
  ])('is valid beside a phase of which an older workbench kept no pid: %j and %j', (first, second) => {
    const guest = { name: 'web', reads: 1000, readLatencySeconds: 0.001 }
    expect(
      findPairFault(phase({ ...guest, ...first }), phase({ ...guest, ...second }), latency),
    ).toBeUndefined()
    expect(findPairFault(phase({ ...guest, ...first }), phase({ ...db, ...second }), latency)).toMatchObject({
      code: 'guest-came',
    })
  })

  it('is not where each phase has a guest that read enough, and none did in both', () => {
    const idle = { reads: 3 }
    const fault = findPairFault(phase(web, { ...db, ...idle }), phase({ ...web, ...idle }, db), latency)
    expect(fault).toMatchObject({ code: 'too-few-reads' })
  })
})

it('compares no requests with pages, of which a read has many', () => {
  const host = fakeHost({ web: Array.from({ length: 10 }, () => [100, 100] as const) })
  const phases = host.phases.map((one) => ({
    ...one,
    // The monitor cannot be reached under the second arm: its reads of 32 KiB count as eight pages each.
    figures: {
      ...{ seconds: 1000, memoryBytes: 1e6 },
      guests: [
        { name: 'web', pid: 7, ...(one.arm === 0 ? { reads: 1e5 } : { reads: 8e5, readsInPages: true }) },
      ],
    },
  }))
  const plan = fakePlan()
  expect(analyzeExperiment(fakeExperiment(plan, [{ ...host, phases }])).verdict.kind).toBe('not-enough')
  const [first, second] = phases.map(({ figures }) => figures)
  if (first === undefined || second === undefined) throw new Error('no phases')
  expect(findPairFault(first, second, plan)).toMatchObject({ code: 'too-few-reads' })
})

it.each([
  ['pages', { reads: 8e5, readsInPages: true }, true],
  ['requests', { reads: 1e5, readLatencySeconds: 0.001 }, false],
])(
  'compares pages that an older workbench counted, which did not say so, with %s: %j',
  (_, newer, isValid) => {
    const [first, second] = [phase({ name: 'web', reads: 7e5 }), phase({ name: 'web', pid: 7, ...newer })]
    expect(findPairFault(first, second, fakePlan()) === undefined).toBe(isValid)
    expect(findPairFault(second, first, fakePlan()) === undefined).toBe(isValid)
  },
)
