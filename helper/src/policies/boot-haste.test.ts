// What the policy does for guests that boot while memory is short, and what it must not do. The first eleven kinds of
// harm were found in a version that was taken out again; those of the loop are in govern/govern-haste.test.ts.
import { describe, expect, it } from 'vitest'
import { parsePolicyFile } from '../../../src/shared/policies/policy-file.ts'
import { modelledGuest } from '../../../test/fakes/modelled-host.ts'
import { KsmdModel, type KsmdModelOptions, type ModelledGuest } from '../../../test/replay/ksmd-model.ts'
import { planKsm } from './ksm-governor.ts'
import { isHasty } from './ksm-haste.ts'
import { initialKsmState, type KsmPlan } from './ksm-state.ts'

const bootSeconds = 100
const fillSeconds = 6
const group = 'guests'
const boots = { startSeconds: bootSeconds, fillSeconds, group }
const pair = [1, 2].map((pid) => modelledGuest(pid, { startSeconds: -1000, group }))
/** Of two guests much is merged, so that they leave room; one more fits only once it is merged, too. */
const limitPages = { [group]: 140_000 }
const tight: KsmdModelOptions = { guests: [...pair, modelledGuest(3, boots)], limitPages }

interface Step {
  readonly at: number
  readonly plan: KsmPlan
  /** Before the plan was carried out. */
  readonly run: number
  readonly cpu: number
}

interface Trial {
  readonly seconds?: number
  readonly everySeconds?: number
  readonly before?: (model: KsmdModel) => void
}

function govern(options: KsmdModelOptions, ksm: Record<string, unknown> = {}, trial: Trial = {}) {
  const { seconds = 200, everySeconds = 1, before } = trial
  const policy = parsePolicyFile(
    JSON.stringify({ ksm: { mode: 'govern', bootHasteSeconds: 60, ...ksm } }),
  ).ksm
  const model = new KsmdModel(options)
  const steps: Step[] = []
  let state = initialKsmState
  while (model.nowSeconds < seconds) {
    before?.(model)
    const { run, cpuSeconds: cpu, nowSeconds: at } = model
    const plan = planKsm(policy, state, model.observe())
    state = plan.state
    model.apply(plan.actions)
    steps.push({ at, plan, run, cpu })
    model.advance(everySeconds)
  }
  return { steps, model }
}

const isHurried = ({ plan }: Step) => isHasty(plan.state)
const kinds = ({ plan }: Step) => plan.actions.map(({ kind }) => kind)
const atWork = { guestRatio: 1.5, pressureRatio: 0.8 }

describe('a guest that boots while memory is short', () => {
  it('is merged from the first look on, unmeasured and while guests are at work, until it has settled', () => {
    const { steps } = govern(tight, {}, { before: (model) => (model.processor = atWork) })
    const hurried = steps.filter(isHurried)
    expect(hurried[0]?.at).toBe(bootSeconds)
    expect(hurried.at(-1)?.at).toBe(bootSeconds + fillSeconds + 2)
    for (const step of hurried) {
      expect(step.plan.actions).toContainEqual({ kind: 'scan', pagesToScan: 5000, sleepMillisecs: 10 })
      expect(kinds(step)).not.toContain('measure')
      expect(step.plan.explanation).toContain('KSM: hurries for guest-3, which boots while memory is short')
    }
    const after = steps.find(({ at }) => at === bootSeconds + fillSeconds + 3)
    expect(after && kinds(after)).toEqual(['stop', 'measure'])
  })

  it.each<[string, Partial<KsmdModelOptions>, Record<string, unknown>]>([
    ['there is room in its group', { limitPages: { [group]: 1_000_000 } }, {}],
    ['there is no limit, and the host has room', { limitPages: {} }, {}],
    ['the policy does not burst for boots', {}, { bootBurst: false }],
    ['the policy has no haste', {}, { bootHasteSeconds: 0 }],
    ['the policy excludes it', {}, { exclude: ['guest-3'] }],
    [
      'a pass over all guests takes longer',
      { guests: [...tight.guests, modelledGuest(4, { residentPages: 4_000_000 })] },
      {},
    ],
    ['it runs alone', { guests: [modelledGuest(3, boots)] }, {}],
    ['the policy observes', {}, { mode: 'observe' }],
    ['another program governs', { otherGovernors: ['ksmtuned'] }, {}],
  ])('is left to measurements where %s', (_why, changed, ksm) => {
    const { steps } = govern({ ...tight, ...changed }, ksm)
    expect(steps.some(isHurried)).toBe(false)
  })

  it('is no newcomer where its memory cannot be merged', () => {
    const switchOff = (model: KsmdModel) => model.apply([{ kind: 'merge-off', pid: 3, why: 'mem-merge=off' }])
    const { steps } = govern(tight, {}, { before: switchOff })
    expect(steps.some(isHurried)).toBe(false)
  })

  it('has no huge pages given back while ksmd hurries for it, whenever it comes', () => {
    let hurried = 0
    for (let start = 1; start <= 60; start += 1) {
      const guests = [...pair, modelledGuest(3, { ...boots, startSeconds: start, fillSeconds: 20 })]
      const { steps } = govern({ guests, limitPages, volatileRatio: 0.2 }, {}, { seconds: start + 30 })
      hurried += steps.filter(isHurried).length
      expect(steps.filter((step) => isHurried(step) && kinds(step).includes('give-back'))).toEqual([])
    }
    expect(hurried).toBeGreaterThan(60)
  })

  it('is looked for more often only where the next one might not fit and the policy would hurry', () => {
    const isTight = (changed: Partial<KsmdModelOptions>, ksm: Record<string, unknown> = {}) =>
      govern({ ...tight, guests: pair, ...changed }, ksm, { seconds: 60 }).steps.at(-1)?.plan.state.haste
        .isTight
    expect(isTight({})).toBe(true)
    expect(isTight({ limitPages: { [group]: 1_000_000 } })).toBe(false)
    expect(isTight({}, { bootBurst: false })).toBe(false)
    expect(isTight({}, { bootHasteSeconds: 0 })).toBe(false)
    expect(isTight({ otherGovernors: ['ksmtuned'] })).toBe(false)
  })

  it('is not hurried for by the limit of a group that it is not in, or that one guest has for itself', () => {
    const elsewhere = { ...boots, group: 'roomy' }
    const guests = [
      ...pair,
      modelledGuest(3, elsewhere),
      modelledGuest(4, { ...elsewhere, startSeconds: -1000 }),
    ]
    const limits = { ...limitPages, roomy: 1_000_000, alone: 1000 }
    expect(govern({ guests, limitPages: limits }).steps.some(isHurried)).toBe(false)
    const alone = [modelledGuest(1, { startSeconds: -1000 }), modelledGuest(3, { ...boots, group: 'alone' })]
    expect(govern({ guests: alone, limitPages: limits }).steps.some(isHurried)).toBe(false)
  })

  it('brings no more haste than the policy allows in ten minutes, however many come and go', () => {
    const comers = Array.from({ length: 300 }, (_, index): ModelledGuest => {
      const startSeconds = bootSeconds + 5 * index
      return modelledGuest(10 + index, {
        ...boots,
        startSeconds,
        endSeconds: startSeconds + 12,
        fillSeconds: 60,
      })
    })
    const { steps } = govern({ ...tight, guests: [...pair, ...comers] }, {}, { seconds: 1600 })
    for (const from of steps) {
      const within = steps.filter((step) => isHurried(step) && step.at >= from.at && step.at < from.at + 600)
      expect(within.length).toBeLessThanOrEqual(60)
    }
    expect(steps.filter(isHurried).length).toBeGreaterThan(100)
    expect(steps.flatMap(({ plan }) => plan.explanation)).toContain(
      'KSM: no more haste for guests that boot: its 60 s in ten minutes are used up',
    )
    // Measurements are not kept waiting for ever.
    expect(steps.filter((step) => step.at > 200 && kinds(step).includes('measure')).length).toBeGreaterThan(3)
  })

  it.each([1, 4, 9, 25])('costs no more than the budget where looks are %i s apart', (everySeconds) => {
    const guests = [...pair, modelledGuest(3, { ...boots, residentPages: 1_500_000, fillSeconds: 60 })]
    const trial = { everySeconds, before: (model: KsmdModel) => (model.processor = atWork) }
    const { steps } = govern({ guests, limitPages }, {}, trial)
    expect(steps.some(isHurried)).toBe(true)
    for (const from of steps) {
      const to = steps.findLast(({ at }) => at <= from.at + 60)
      expect((to?.cpu ?? 0) - from.cpu).toBeLessThanOrEqual(0.2 * 60 * 1.05)
    }
  })

  it('costs no more than a budget that would be gone before the next look', () => {
    const small = pair.map((one) => ({ ...one, residentPages: 40_000, identicalPages: 32_000 }))
    const options = {
      guests: [...small, modelledGuest(3, { ...boots, fillSeconds: 60 })],
      limitPages: { [group]: 60_000 },
    }
    const trial = { everySeconds: 9, before: (model: KsmdModel) => (model.processor = atWork) }
    const { steps } = govern(options, { cpuRatio: 0.05 }, trial)
    expect(steps.some(isHurried)).toBe(true)
    for (const from of steps) {
      const to = steps.findLast(({ at }) => at <= from.at + 60)
      expect((to?.cpu ?? 0) - from.cpu).toBeLessThanOrEqual(0.05 * 60 * 1.05)
    }
  })

  it('is forgotten once another program governs: ksmd rests, unless the other one has set a rate of its own', () => {
    const appears = (model: KsmdModel) => {
      if (model.nowSeconds >= bootSeconds + 2) model.otherGovernors = ['ksmtuned']
    }
    const { steps } = govern(tight, {}, { before: appears })
    const left = steps.filter(({ at }) => at >= bootSeconds + 2)
    expect(left.map(kinds)).toEqual([['stop'], ...left.slice(1).map(() => [])])
    expect(left.some(isHurried)).toBe(false)
    const setsRate = (model: KsmdModel) => {
      appears(model)
      if (model.otherGovernors.length > 0)
        model.apply([{ kind: 'scan', pagesToScan: 300, sleepMillisecs: 20 }])
    }
    const rated = govern(tight, {}, { before: setsRate }).steps.filter(({ at }) => at >= bootSeconds + 2)
    expect(rated.flatMap(kinds)).toEqual([])
  })

  it('leaves what an earlier burst could not reach as it was, and has huge pages given back once it is measured', () => {
    const { steps, model } = govern({ ...tight, volatileRatio: 0.5 })
    const residueAt = (second: number) => {
      const { residueBytes, residueUntilSeconds, residues } = steps[second]?.plan.state ?? initialKsmState
      return { residueBytes, residueUntilSeconds, residues }
    }
    expect(residueAt(bootSeconds - 1).residueBytes).toBeGreaterThan(0)
    const end = steps.findIndex(({ plan }) => plan.state.hastyUntilSeconds !== undefined)
    expect(residueAt(end)).toEqual(residueAt(bootSeconds - 1))
    // Once after the first burst, and once after the one that follows haste, or after haste where none follows.
    expect(model.givenBack).toBe(2)
    expect(govern(tight).model.givenBack).toBe(2)
    expect(govern(tight, { giveBackHugePages: false }).model.givenBack).toBe(0)
  })

  it('lets a burst that runs end as it would have, and goes on without it', () => {
    const guests = [...pair, modelledGuest(3, { ...boots, startSeconds: 2, fillSeconds: 30 })]
    const { steps } = govern({ guests, limitPages: { [group]: 250_000 } }, {}, { seconds: 60 })
    const hurried = steps.filter(isHurried)
    expect(hurried.some(({ plan }) => plan.state.burst !== undefined)).toBe(true)
    expect(hurried.some(({ plan }) => plan.state.burst === undefined)).toBe(true)
    expect(steps.at(-1)?.run).toBe(0)
  })
})
