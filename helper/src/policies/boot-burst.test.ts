import { describe, expect, it } from 'vitest'
import { parsePolicyFile } from '../../../src/shared/policies/policy-file.ts'
import { modelledGuest } from '../../../test/fakes/modelled-host.ts'
import { KsmdModel, type KsmdModelOptions } from '../../../test/replay/ksmd-model.ts'
import { planKsm } from './ksm-governor.ts'
import { initialKsmState, type KsmPlan } from './ksm-state.ts'

const bootSeconds = 100
const fillSeconds = 6
/** So long does the boot keep the processors busy. */
const busySeconds = 40
const boots = { startSeconds: bootSeconds, fillSeconds, residentPages: 100_000 }
const guests = [1, 2].map((pid) => modelledGuest(pid, { startSeconds: -1000 }))
const options: KsmdModelOptions = { guests: [...guests, modelledGuest(3, boots)] }
/** Two guests of which much is merged fit well; one more does not before it is merged. */
const limit = { limitPages: 140_000 }

interface Step {
  readonly at: number
  readonly plan: KsmPlan
  readonly cpu: number
  readonly measures: number
}

function govern(
  changed: Partial<KsmdModelOptions> = limit,
  ksm: Record<string, unknown> = {},
  seconds = 200,
) {
  const policy = parsePolicyFile(JSON.stringify({ ksm: { mode: 'govern', ...ksm } })).ksm
  const model = new KsmdModel({ ...options, ...changed })
  const work = { guestRatio: 1.5, pressureRatio: 0.8 }
  const steps: Step[] = []
  let state = initialKsmState
  for (let second = 0; second < seconds; second += 1) {
    const age = model.nowSeconds - bootSeconds
    model.processor = age >= 0 && age < busySeconds ? work : undefined
    const plan = planKsm(policy, state, model.observe())
    state = plan.state
    model.apply(plan.actions)
    steps.push({ at: second, plan, cpu: model.cpuSeconds, measures: model.measures })
    model.advance(1)
  }
  return steps
}

const isForBoot = ({ plan }: Step) => plan.explanation.join().includes('while memory is short')
const isBurst = ({ plan }: Step) => plan.state.burst !== undefined

describe('a guest that boots while memory is short', () => {
  it('is merged from the first look on, without a measurement, until it has settled', () => {
    const steps = govern()
    const begun = steps.find(isForBoot)
    expect(begun?.at).toBe(bootSeconds)
    expect(begun?.plan.explanation.join()).toContain('guest-3 boots while memory is short')
    expect(begun?.plan.explanation.join()).toContain('until its memory has settled')
    expect(begun?.plan.actions).toEqual([
      { kind: 'scan', pagesToScan: 5000, sleepMillisecs: 0, newFirst: true },
    ])
    const burst = steps.slice(bootSeconds, bootSeconds + fillSeconds)
    expect(burst.every(isBurst)).toBe(true)
    expect(new Set(burst.map(({ measures }) => measures)).size).toBe(1)
    const end = steps.find(({ at, plan }) => at > bootSeconds && plan.state.burst === undefined)
    expect(end?.at).toBeGreaterThanOrEqual(bootSeconds + fillSeconds)
    expect(end?.at).toBeLessThan(bootSeconds + 80)
    expect(end?.plan.actions.map(({ kind }) => kind)).toEqual(['stop', 'measure'])
    expect(steps[(end?.at ?? 0) + 1]?.plan.explanation.join()).toMatch(/are mergeable by measurement/)
  })

  it('does not wait for processors, and is kept within the budget all the same', () => {
    const steps = govern({
      ...limit,
      guests: [...guests, modelledGuest(3, { ...boots, residentPages: 40_000_000, fillSeconds: 60 })],
    })
    const used = (from: number, to: number) => (steps[to]?.cpu ?? 0) - (steps[from]?.cpu ?? 0)
    // Nine of the twelve seconds of a window at once, the rest bit by bit.
    expect(used(bootSeconds, bootSeconds + 9)).toBeGreaterThan(8)
    expect(used(bootSeconds + 20, bootSeconds + 40)).toBeGreaterThan(0.5)
    for (let at = 0; at < 139; at += 1) expect(used(at, at + 60)).toBeLessThanOrEqual(0.2 * 60 * 1.05)
  })

  it.each<[string, Partial<KsmdModelOptions>, Record<string, unknown>]>([
    ['memory is not short', { limitPages: 1_000_000 }, {}],
    ['there is no limit, and the host has room', {}, {}],
    ['the policy does not burst for boots', limit, { bootBurst: false }],
    ['the policy excludes it', limit, { exclude: ['guest-3'] }],
    ['it runs alone', { ...limit, guests: [modelledGuest(3, boots)] }, {}],
    ['the policy observes', limit, { mode: 'observe' }],
    ['another program governs', { ...limit, otherGovernors: ['ksmtuned'] }, {}],
  ])('is left to measurements where %s', (_why, changed, ksm) => {
    expect(govern(changed, ksm).some(isForBoot)).toBe(false)
  })

  it('makes a burst that runs wait for it, and what was measured before is no end', () => {
    const late = { ...boots, startSeconds: 2 }
    const steps = govern({ ...limit, guests: [...guests, modelledGuest(3, late)] }, {}, 60)
    expect(steps.slice(0, 2).some(isBurst)).toBe(true)
    expect(steps.slice(0, 2).some(isForBoot)).toBe(false)
    expect(steps.slice(2, 2 + fillSeconds).every((step) => isBurst(step) && isForBoot(step))).toBe(true)
  })
})
