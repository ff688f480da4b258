import { describe, expect, it } from 'vitest'
import type { Progress } from '../../../src/shared/contract/quantity.ts'
import { Problem } from '../../../src/shared/problem.ts'
import { Pace, type PaceClock } from './pace.ts'

const noProgress = { reportProgress: () => undefined }

/** A clock on which work takes 1 ms of CPU a step, on a machine that gives it `share` of a core. */
function modelClock(share: number) {
  let now = 0
  let cpu = 0
  const spent: { readonly at: number; readonly cpu: number }[] = []
  const clock: PaceClock = {
    nowMs: () => now,
    cpuMs: () => cpu,
    sleep: async (ms) => {
      now += ms
    },
  }
  const work = () => {
    now += 1 / share
    cpu += 1
    spent.push({ at: now, cpu })
  }
  return { clock, work, spent, nowMs: () => now }
}

describe('Pace', () => {
  it.each([
    [0.2, 1],
    [0.2, 0.5],
    [0.05, 1],
    [0.5, 0.3],
  ])('keeps to %d of a core over any 10 s, when given %d of one', async (cpuRatio, share) => {
    const { clock, work, spent, nowMs } = modelClock(share)
    const pace = new Pace({ ...noProgress, signal: new AbortController().signal, cpuRatio }, 0, clock)
    while (nowMs() < 60_000) {
      work()
      if (pace.advance(1)) await pace.rest('working')
    }
    for (let start = 0; start < 50_000; start += 500) {
      const inside = spent.filter(({ at }) => at > start && at <= start + 10_000)
      // One turn may lie across the edge.
      expect(inside.length).toBeLessThanOrEqual(10_000 * cpuRatio + 20)
    }
    // Nor does it waste the budget.
    expect(spent.length).toBeGreaterThan(60_000 * Math.min(cpuRatio, share) * 0.9)
  })

  it('tells a new step at once, in a process however young, and then every 200 ms', async () => {
    const { clock, work, nowMs } = modelClock(1)
    const told: string[] = []
    const reportProgress = ({ step }: Progress) => told.push(`${step} at ${nowMs()}`)
    const pace = new Pace({ reportProgress, signal: new AbortController().signal }, 1000, clock)
    const untilMs = async (endMs: number, step: string) => {
      while (nowMs() < endMs) {
        work()
        if (pace.advance(1)) await pace.rest(step)
      }
    }
    await untilMs(300, 'first')
    await untilMs(400, 'second')
    expect(told).toEqual(['first at 40', 'first at 240', 'second at 320'])
  })

  it('does no work any more once it is cancelled, also while it rests', async () => {
    const controller = new AbortController()
    const pace = new Pace({ ...noProgress, signal: controller.signal, cpuRatio: 0.0001 }, 0)
    const cancelled = new Problem('cancelled', 'by the test')
    let workAfter = 0
    const scan = async () => {
      for (;;) {
        if (controller.signal.aborted) workAfter += 1
        const until = performance.now() + 1
        while (performance.now() < until);
        if (pace.advance(1)) await pace.rest('working')
      }
    }
    setTimeout(() => controller.abort(cancelled), 50)
    await expect(scan()).rejects.toBe(cancelled)
    expect(workAfter).toBe(0)
  })
})
