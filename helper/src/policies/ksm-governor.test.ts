import { describe, expect, it } from 'vitest'
import { parsePolicyFile } from '../../../src/shared/policies/policy-file.ts'
import { KsmdModel, type KsmdModelOptions, type ModelledGuest } from '../../../test/replay/ksmd-model.ts'
import { planKsm } from './ksm-governor.ts'
import type { KsmAction } from './ksm-observation.ts'
import { initialKsmState, type KsmPlan } from './ksm-state.ts'

function guest(pid: number, more: Partial<ModelledGuest> = {}): ModelledGuest {
  return {
    pid,
    name: `guest-${pid}`,
    startSeconds: 0,
    residentPages: 120_000,
    identicalPages: 60_000,
    breaksPerSecond: 0,
    monitorReachable: true,
    ...more,
  }
}

interface Step {
  readonly at: number
  readonly plan: KsmPlan
  readonly merged: number
  readonly cpu: number
}

function govern(
  options: KsmdModelOptions,
  seconds: number,
  ksm: Record<string, unknown> = {},
  before?: (model: KsmdModel) => void,
) {
  const policy = parsePolicyFile(JSON.stringify({ ksm: { mode: 'govern', ...ksm } })).ksm
  const model = new KsmdModel(options)
  const steps: Step[] = []
  let state = initialKsmState
  for (let second = 0; second < seconds; second += 1) {
    before?.(model)
    const plan = planKsm(policy, state, model.observe())
    state = plan.state
    model.apply(plan.actions)
    steps.push({ at: model.nowSeconds, plan, merged: model.mergedPages, cpu: model.cpuSeconds })
    model.advance(1)
  }
  return { steps, model }
}

function actionsOf(steps: readonly Step[], kind: KsmAction['kind']) {
  return steps.flatMap((step) => step.plan.actions.filter((action) => action.kind === kind))
}

const pair = { guests: [guest(1), guest(2)] }

describe('the KSM governor', () => {
  it('bursts when the potential pays, and stops when it is realised', () => {
    const { steps, model } = govern(pair, 120)
    expect(model.mergedPages).toBe(120_000)
    const ninety = steps.find((step) => step.merged >= 108_000)
    // Stock: 5,000 pages a second, two passes over 240,000 pages: 96 s.
    expect(ninety?.at).toBeLessThan(9.6)
    expect(model.run).toBe(0)
    expect(actionsOf(steps, 'stop')).toHaveLength(1)
    expect(steps.at(-1)?.cpu).toBe(steps[60]?.cpu)
  })

  it('goes slowly from the first second on while guests are at work and wait for processors', () => {
    const { steps } = govern(pair, 200, {}, (model) => {
      model.processor = { guestRatio: 1.6, pressureRatio: 0.8 }
    })
    for (let at = 2; at < 198; at += 1)
      expect((steps[at + 1]?.cpu ?? 0) - (steps[at]?.cpu ?? 0)).toBeLessThanOrEqual(0.04 * 1.05)
    expect(steps.at(-1)?.merged).toBeGreaterThan(0)
    expect(steps.some(({ plan }) => plan.explanation.join().includes('guests are at work'))).toBe(true)
  })

  it('stays slow through the pauses of guests that work in bits', () => {
    const { steps } = govern(pair, 100, {}, (model) => {
      const isPause = Math.floor(model.nowSeconds) % 4 === 3
      model.processor = { guestRatio: isPause ? 0.3 : 1.2, pressureRatio: 0.8 }
    })
    const rates = actionsOf(steps, 'scan').map((action) => (action.kind === 'scan' ? action.pagesToScan : 0))
    expect(rates.filter((rate, at) => at > 0 && rate !== rates[at - 1]).length).toBeLessThan(5)
  })

  it('asks for more before it splits huge pages of guests at work', () => {
    const hugePageBytes = 12 * 2 ** 30
    const isBursting = (guestRatio: number) =>
      govern({ ...pair, hugePageBytes }, 5, {}, (model) => {
        model.processor = { guestRatio, pressureRatio: 0.8 }
      }).steps.some(({ plan }) => plan.state.burst !== undefined)
    expect(isBursting(0.1)).toBe(true)
    expect(isBursting(1.5)).toBe(false)
  })

  it('keeps to the CPU budget over the window', () => {
    const big = {
      guests: [guest(1, { residentPages: 8e6, identicalPages: 4e6 }), guest(2, { residentPages: 8e6 })],
    }
    const { steps } = govern(big, 400)
    for (let at = 0; at < 340; at += 1) {
      const used = (steps[at + 60]?.cpu ?? 0) - (steps[at]?.cpu ?? 0)
      expect(used).toBeLessThanOrEqual(0.2 * 60 * 1.02)
    }
    // It is made use of, and the rate is not switched all the time.
    expect(steps.at(-1)?.cpu).toBeGreaterThan(0.15 * 400)
    const rates = actionsOf(steps, 'scan').map((action) => (action.kind === 'scan' ? action.pagesToScan : 0))
    expect(rates.filter((rate, at) => at > 0 && rate !== rates[at - 1]).length).toBeLessThan(60)
  })

  it('keeps to the budget where /proc does not show ksmd, and says that it estimates', () => {
    const big = {
      guests: [guest(1, { residentPages: 8e6, identicalPages: 4e6 }), guest(2, { residentPages: 8e6 })],
    }
    for (const hidden of [['ksmdCpuSeconds'], ['ksmdCpuSeconds', 'pagesScanned']] as const) {
      const { steps } = govern({ ...big, hidden }, 200)
      for (let at = 0; at < 140; at += 1) {
        const used = (steps[at + 60]?.cpu ?? 0) - (steps[at]?.cpu ?? 0)
        expect(used).toBeLessThanOrEqual(0.2 * 60)
      }
      expect(steps.at(-1)?.cpu).toBeGreaterThan(0)
      expect(steps[100]?.plan.explanation.join()).toContain('/proc does not show ksmd')
    }
  })

  it('measures anew when the memory of a guest has turned over, as after a reset', () => {
    const model = (m: KsmdModel) => {
      m.turnedOver = m.nowSeconds >= 100 && m.nowSeconds < 105 ? [2] : []
    }
    const { steps } = govern(pair, 160, {}, model)
    const measures = steps.filter(({ plan }) => plan.actions.some(({ kind }) => kind === 'measure'))
    expect(measures.map(({ at }) => at)).toContain(100)
    const said = steps.filter(({ plan }) => plan.explanation.join().includes('guest-2 was reset'))
    expect(said.map(({ at }) => at)).toEqual([100])
  })

  it('gives huge pages back once, after the measurement that follows a burst, and only where it may', () => {
    expect(govern(pair, 120).model.givenBack).toBe(1)
    expect(govern(pair, 120, { giveBackHugePages: false }).model.givenBack).toBe(0)
    expect(govern({ ...pair, pressureRatio: 0.2 }, 120).model.givenBack).toBe(0)
  })

  it('weighs the huge pages that merging would split', () => {
    const inHugePages = { ...pair, hugePageBytes: 60 * 2 ** 30 }
    expect(govern(inHugePages, 60).model.mergedPages).toBe(0)
    expect(govern(inHugePages, 60, { hugePageRatio: 0 }).model.mergedPages).toBe(120_000)
    expect(govern({ ...inHugePages, pressureRatio: 0.2 }, 60).model.mergedPages).toBe(120_000)
  })

  it('has the last word from a measurement, and tries what is left again only later', () => {
    const { steps } = govern({ ...pair, volatileRatio: 0.5 }, 2200, { measureSeconds: 30 })
    const said = steps.flatMap(({ plan }) => plan.explanation)
    expect(said).toContainEqual(
      expect.stringMatching(/^KSM: exhausted by measurement, .* left: .*tried again in 30 min$/),
    )
    const begun = steps.filter(({ plan }, i) => plan.state.burst && !steps[i - 1]?.plan.state.burst)
    expect(begun).toHaveLength(2)
    expect((begun[1]?.at ?? 0) - (begun[0]?.at ?? 0)).toBeGreaterThanOrEqual(1800)
    const whole = govern(pair, 120).steps.flatMap(({ plan }) => plan.explanation)
    expect(whole).toContainEqual(expect.stringMatching(/^KSM: realised by measurement/))
  })

  it('starts at once when a guest has booted', () => {
    const { steps } = govern({ guests: [guest(1), guest(2), guest(3, { startSeconds: 80 })] }, 120)
    const started = steps
      .filter((step) => step.at > 60)
      .find((step) => step.plan.actions.some((a) => a.kind === 'scan'))
    // Measured first, in the look that sees it: only a potential begins a burst.
    expect(started?.at).toBe(81)
    expect(started?.plan.explanation.join()).toContain('a guest has booted')
  })

  it('does not chase what KSM could not reach the last time', () => {
    const { steps, model } = govern({ ...pair, volatileRatio: 0.5 }, 900, { measureSeconds: 30 })
    const bursts = steps.filter((step, i) => step.plan.state.burst && !steps[i - 1]?.plan.state.burst)
    expect(bursts).toHaveLength(1)
    expect(model.measures).toBeGreaterThan(10)
  })

  it('lowers its threshold under memory pressure', () => {
    const little = { guests: [guest(1, { identicalPages: 6_000 }), guest(2, { identicalPages: 6_000 })] }
    expect(govern(little, 60).model.mergedPages).toBe(0)
    expect(govern({ ...little, pressureRatio: 0.2 }, 60).model.mergedPages).toBeGreaterThan(11_000)
  })

  it('excludes a guest whose merges keep breaking, longer each time, and lets it back', () => {
    const restless = { guests: [guest(1), guest(2), guest(3, { breaksPerSecond: 2_000 })] }
    const { steps } = govern(restless, 1500, { excludeSeconds: 120, measureSeconds: 30 })
    const off = steps
      .filter((s) => s.plan.actions.some((a) => a.kind === 'merge-off' && a.pid === 3))
      .map((s) => s.at)
    const on = steps
      .filter((s) => s.plan.actions.some((a) => a.kind === 'merge-on' && a.pid === 3))
      .map((s) => s.at)
    expect(off.length).toBeGreaterThanOrEqual(2)
    expect((on[0] ?? 0) - (off[0] ?? 0)).toBe(120)
    expect((on[1] ?? 0) - (off[1] ?? 0)).toBe(240)
    expect(actionsOf(steps, 'merge-off').every((a) => a.kind === 'merge-off' && a.pid === 3)).toBe(true)
  })

  it('switches merging off for guests with nothing to give, where their monitor can be reached', () => {
    const guests = [
      guest(1),
      guest(2),
      guest(3, { identicalPages: 0 }),
      guest(4, { identicalPages: 0, monitorReachable: false }),
    ]
    const { steps } = govern({ guests }, 60)
    expect(actionsOf(steps, 'merge-off')).toEqual([{ kind: 'merge-off', pid: 3, why: 'nothing to give' }])
  })

  it('leaves the knobs to another governor unless told to take over', () => {
    const governed = { ...pair, otherGovernors: ['ksmtuned'] }
    const left = govern(governed, 30)
    expect(left.steps.every((step) => step.plan.actions.length === 0)).toBe(true)
    expect(left.steps[0]?.plan.explanation[0]).toContain('ksmtuned')
    const taken = govern(governed, 30, { takeOver: true })
    expect(taken.steps[0]?.plan.actions[0]).toEqual({ kind: 'take-over', governors: ['ksmtuned'] })
    expect(taken.model.mergedPages).toBeGreaterThan(100_000)
  })

  it('observes only in observe mode, and trickles when the policy says so', () => {
    expect(govern(pair, 30, { mode: 'observe' }).steps.every((step) => step.plan.actions.length === 0)).toBe(
      true,
    )
    const { steps } = govern(pair, 120, { afterBurst: 'trickle' })
    const used = (steps[110]?.cpu ?? 0) - (steps[80]?.cpu ?? 0)
    expect(used).toBeGreaterThan(0)
    expect(used / 30).toBeLessThan(0.03)
  })

  it('never counts the page cache of images as free memory', () => {
    const model = new KsmdModel(pair)
    const policy = parsePolicyFile('{"ksm":{"mode":"govern"}}').ksm
    const seen = model.observe()
    const memory = { totalBytes: 100, availableBytes: 50, imageCacheBytes: 45, pressureRatio: 0 }
    const texts = planKsm(policy, initialKsmState, {
      ...seen,
      memory,
      potential: { bytes: 20 * 2 ** 20, savedPages: 0, measuredAtSeconds: 0 },
    })
    expect(texts.explanation.join()).toContain('passed 16.0 MiB')
  })
})
