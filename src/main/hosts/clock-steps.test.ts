// The wall clock of the workbench's machine steps by an hour; only labels may differ afterwards.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { FakeLink } from '../../../test/fakes/fake-link.ts'
import { fakeSample } from '../../../test/fakes/fake-sample.ts'
import type { Progress, Sample } from '../../shared/contract/index.ts'
import { hostChange } from '../../shared/contract/index.ts'
import { arrive, clockAheadSeconds } from './arrival.ts'
import { ConnectingSlots } from './connecting-slots.ts'
import { HostFigures } from './host-figures.ts'
import { HostSession } from './host-session.ts'
import { keepToContract } from './keep-to-contract.ts'
import type { ArrivedSample } from './sampling.ts'
import { TaskBoard } from './task-board.ts'
import { Throttle } from './throttle.ts'

const hour = 3_600_000
const step = (milliseconds: number) => vi.setSystemTime(Date.now() + milliseconds)

beforeEach(() => {
  // Timers and performance.now() go on: they are monotonic in Node.
  vi.useFakeTimers({ toFake: ['Date'], now: 1_800_000_000_000 })
})
afterEach(() => {
  vi.useRealTimers()
})

describe.each([
  ['forward', hour],
  ['back', -hour],
])('the clock going an hour %s', (_, by) => {
  it('holds up no view', async () => {
    const act = vi.fn()
    const throttle = new Throttle(5, act)
    throttle.request()
    step(by)
    throttle.request()
    await expect.poll(() => act.mock.calls.length).toBe(2)
    throttle.stop()
  })

  it('holds up no progress', async () => {
    const reports: Progress[] = []
    const tasks = new TaskBoard(() => undefined)
    const outer = {
      signal: new AbortController().signal,
      reportProgress: (progress: Progress) => reports.push(progress),
    }
    await tasks.run({ hostId: 'h', kind: 'assess', title: 'Assess' }, outer, async ({ reportProgress }) => {
      const until = performance.now() + 500
      for (let fraction = 0; reports.length < 2 && performance.now() < until; fraction += 1e-6) {
        if (reports.length === 1) step(by / 1e4)
        reportProgress({ step: 'reading', fraction })
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
    })
    expect(reports.length).toBe(2)
  })

  it('makes no sample wait, and no rate negative or wrong', async () => {
    const arrived: (readonly [ArrivedSample, Sample | undefined])[] = []
    let taken = 0
    const sample = () => {
      step(by)
      taken += 1
      const helper = { cpuSeconds: taken * 0.2, rssBytes: 0 }
      return fakeSample({ at: Date.now(), monotonicSeconds: taken * 2, helper })
    }
    const session = new HostSession(
      { id: 'h', name: 'alpha', address: 'alpha', mode: 'observe', tags: [] },
      {
        openLink: async (options) => new FakeLink(options, { sample }),
        environment: { home: '/nowhere', helperDirectory: '/nowhere' },
        slots: new ConnectingSlots(8),
        ask: async () => ({ kind: 'cancel' }),
        sampleEveryMs: 2,
        onInstalled: async () => undefined,
        onConnection: () => undefined,
        onSample: (...one) => arrived.push(one),
        onRound: () => undefined,
        log: () => undefined,
      },
    )
    session.start()
    await expect.poll(() => arrived.length).toBeGreaterThan(4)
    session.disconnect()
    const figures = new HostFigures()
    for (const [{ sample, aheadSeconds }, before] of arrived) {
      figures.addSample(sample, before)
      expect(aheadSeconds).toBeCloseTo(0)
    }
    expect(figures.rates().cpuRatio).toBeCloseTo(0.1)
  })
})

describe('the difference of clocks', () => {
  const arrivedAt = 1_800_000_000_000
  it.each([
    ['ahead', arrivedAt + 40 * 60_000, 2400],
    ['behind', arrivedAt - 10_000, -9],
    ['at an unknown moment of the round trip', arrivedAt - 400, 0],
    ['at the start of it', arrivedAt - 1000, 0],
  ])('of a host that is %s', (_, at, seconds) => {
    expect(clockAheadSeconds({ at, arrivedAt }, 1000)).toBeCloseTo(seconds)
  })

  it('is made by the workbench: what a host says of its arrival is overwritten', () => {
    vi.setSystemTime(arrivedAt)
    expect(arrive({ at: 5, arrivedAt: 7 })).toEqual({ at: 5, arrivedAt })
  })
})

describe('keepToContract', () => {
  const host = { id: 'h', name: 'alpha', address: 'alpha', mode: 'observe', tags: [] } as const
  const change = {
    host: { ...host, tags: [] },
    connection: { state: 'connected', since: 1 } as const,
    sparkline: [1],
    tasks: [],
  }

  it('leaves a good view as it is', () => {
    expect(keepToContract({ ...change, cpuRatio: 0.5 })).toEqual({ ...change, cpuRatio: 0.5 })
  })

  it.each([
    ['cpuRatio', -1],
    ['doubleCachedBytes', 1.5],
    ['hitRatio', 2],
    ['sparkline', [Number.NaN]],
    ['clockAheadSeconds', Number.POSITIVE_INFINITY],
  ])('leaves out only %s of %j, and says so', (name, value) => {
    const kept = keepToContract({ ...change, reclaimedBytes: 5, [name]: value })
    expect(hostChange.safeParse(kept).success).toBe(true)
    expect(kept).toMatchObject({ host, connection: change.connection, reclaimedBytes: 5 })
    expect(kept.problem?.message).toMatch(`cannot show ${name} of alpha`)
    expect(kept).not.toHaveProperty(name, value)
  })

  it('keeps a row for a host whose connection cannot be shown', () => {
    const kept = keepToContract({ ...change, connection: { state: 'connected', since: -1 } })
    expect(kept).toMatchObject({ host, problem: { code: 'internal' } })
  })
})
