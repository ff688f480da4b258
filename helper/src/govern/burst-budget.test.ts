// A burst keeps to ksmd's budget between two looks, and in the middle of a long look or measurement.
import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { parsePolicyFile } from '../../../src/shared/policies/policy-file.ts'
import { ModelledHost, modelledGuest, runGovern } from '../../../test/fakes/modelled-host.ts'
import type { KsmdModelOptions } from '../../../test/replay/ksmd-model.ts'
import type { GovernOptions } from './loop-state.ts'

const policy = parsePolicyFile(
  JSON.stringify({ scrub: { mode: 'observe' }, ksm: { mode: 'govern', bootHasteSeconds: 0 } }),
)
const { cpuRatio, cpuWindowSeconds } = policy.ksm
const full = cpuRatio * cpuWindowSeconds
/** ksmd may be seen half a second too late. */
const most = full + 0.6

/** So much memory that a burst has work for hours. */
function largeHost(options: Partial<KsmdModelOptions> = {}): ModelledHost {
  const size = { residentPages: 80_000_000, identicalPages: 64_000_000 }
  return new ModelledHost({ guests: [1, 2].map((pid) => modelledGuest(pid, size)), ...options })
}

/** Time passes when the loop sleeps, and at the pace of work that takes longer. */
class Clock {
  readonly used: { at: number; cpu: number }[] = []
  readonly #host: ModelledHost
  #isWorking = false

  constructor(host: ModelledHost) {
    this.#host = host
  }

  #pass(seconds: number): void {
    this.#host.ksmd.advance(seconds)
    this.used.push({ at: this.#host.nowSeconds(), cpu: this.#host.ksmd.cpuSeconds })
  }

  async work(seconds: number): Promise<void> {
    this.#isWorking = true
    const until = this.#host.nowSeconds() + seconds
    while (this.#host.nowSeconds() < until) {
      this.#pass(0.1)
      await setImmediate()
    }
    this.#isWorking = false
  }

  async sleep(seconds: number, signal: AbortSignal): Promise<void> {
    const until = this.#host.nowSeconds() + seconds
    await setImmediate()
    if (!this.#isWorking) return this.#pass(seconds)
    while (!signal.aborted && this.#host.nowSeconds() < until) await setImmediate()
  }
}

/** The most that ksmd used within any window of the budget, and how much of all that it might have used. */
async function watchBudget(
  host: ModelledHost,
  seconds: number,
  changed: Partial<GovernOptions> = {},
  clock = new Clock(host),
) {
  const controller = new AbortController()
  const { failures } = await runGovern(host, 0, {
    policy,
    signal: controller.signal,
    sleep: async (wait, until) => {
      await clock.sleep(wait, until)
      if (host.nowSeconds() >= seconds) controller.abort()
    },
    ...changed,
  })
  const { used } = clock
  let first = 0
  let mostInWindow = 0
  for (const { at, cpu } of used) {
    while ((used[first + 1]?.at ?? at) <= at - cpuWindowSeconds) first += 1
    mostInWindow = Math.max(mostInWindow, cpu - (used[first]?.cpu ?? 0))
  }
  return { failures, mostInWindow, usedRatio: host.ksmd.cpuSeconds / (cpuRatio * seconds) }
}

describe('a burst keeps to the budget of ksmd', () => {
  it.each([45, 90])('where looks are %i s apart', async (everySeconds) => {
    const host = largeHost()
    host.lookCpuSeconds = everySeconds * 0.04
    const { mostInWindow, usedRatio } = await watchBudget(host, 600)
    expect(host.looksAtKsm).toBeLessThanOrEqual(600 / everySeconds + 1)
    expect(mostInWindow).toBeLessThanOrEqual(most)
    expect(usedRatio).toBeGreaterThan(0.5)
    // Paused: no look has told ksmd to rest, and what was merged stays.
    expect(host.ksmActions.every(({ kind }) => kind === 'scan')).toBe(true)
    expect(host.ksmd.run).toBe(1)
  })

  it('where /proc does not show ksmd, and the kernel does not count pages', async () => {
    const host = largeHost({ hidden: ['ksmdCpuSeconds', 'pagesScanned'] })
    host.lookCpuSeconds = 90 * 0.04
    const { mostInWindow, usedRatio } = await watchBudget(host, 600)
    expect(mostInWindow).toBeLessThanOrEqual(most)
    expect(usedRatio).toBeGreaterThan(0.1)
  })

  it('in the middle of a look that takes long', async () => {
    const host = largeHost()
    const clock = new Clock(host)
    const observe = host.observe.bind(host)
    host.observe = async (asked) => {
      if (host.ksmd.run === 1) await clock.work(50)
      return observe(asked)
    }
    const { mostInWindow } = await watchBudget(host, 200, {}, clock)
    expect(mostInWindow).toBeGreaterThan(0.5 * full)
    expect(mostInWindow).toBeLessThanOrEqual(most)
  })

  it('while guests are measured', async () => {
    const host = largeHost()
    const clock = new Clock(host)
    const measure = host.measure.bind(host)
    host.measure = async () => {
      if (host.ksmd.run === 1) await clock.work(50)
      await measure()
    }
    const reclaim = parsePolicyFile(
      JSON.stringify({ scrub: { mode: 'periodic', everySeconds: 4 }, ksm: policy.ksm }),
    )
    const { mostInWindow } = await watchBudget(host, 200, { policy: reclaim }, clock)
    expect(host.measures).toBeGreaterThan(1)
    expect(mostInWindow).toBeLessThanOrEqual(most)
  })

  it('and scans on once a window has passed', async () => {
    const host = largeHost()
    host.lookCpuSeconds = 90 * 0.04
    await watchBudget(host, 600)
    const rates = host.ksmActions.flatMap((action) => (action.kind === 'scan' ? [action.sleepMillisecs] : []))
    expect(rates.filter((sleep) => sleep >= 1000).length).toBeGreaterThan(3)
    expect(rates.filter((sleep) => sleep < 1000).length).toBeGreaterThan(3)
  })

  it('and changes nothing where a dry run only says so', async () => {
    const host = largeHost()
    host.lookCpuSeconds = 45 * 0.04
    await watchBudget(host, 200, { dryRun: true })
    expect(host.ksmActions).toEqual([])
  })
})
