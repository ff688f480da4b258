// ksmd's pace where looks are far apart: it must neither overdraw its budget nor stand still for most of the time.
import { describe, expect, it } from 'vitest'
import { defaultChangePolicy } from '../../../src/shared/policies/policy-file.ts'
import { modelledGuest } from '../../../test/fakes/modelled-host.ts'
import { KsmdModel } from '../../../test/replay/ksmd-model.ts'
import { burstRateFor, followBudget, initialBudget, leftOfBudget } from './ksm-budget.ts'

const { ksm: policy } = defaultChangePolicy()
const full = policy.cpuRatio * policy.cpuWindowSeconds
/** So much memory that ksmd always has work. */
const guests = [1, 2].map((pid) => modelledGuest(pid, { residentPages: 8_000_000 }))

/** At the pace of haste. What ksmd used in any window after the first look, and how much of the time it paused. */
function scan(everySeconds: number) {
  const model = new KsmdModel({ guests })
  const cpu: number[] = []
  let budget = initialBudget
  let pausedSeconds = 0
  while (cpu.length < 1800) {
    budget = followBudget(policy, budget, model.observe())
    const rate = burstRateFor(policy, budget, true)
    model.apply([{ kind: 'scan', ...rate }])
    if (rate.sleepMillisecs >= 1000) pausedSeconds += everySeconds
    for (let second = 0; second < everySeconds; second += 1) {
      model.advance(1)
      cpu.push(model.cpuSeconds)
    }
  }
  const later = cpu.slice(everySeconds)
  const used = later.slice(policy.cpuWindowSeconds).map((at, index) => at - (later[index] ?? 0))
  return {
    most: Math.max(...used),
    pausedRatio: pausedSeconds / cpu.length,
    mean: model.cpuSeconds / cpu.length,
  }
}

describe('the pace of ksmd', () => {
  it.each([1, 9, 25, 45, 58, 90])('lasts for a whole look where looks are %i s apart', (everySeconds) => {
    const { most, pausedRatio, mean } = scan(everySeconds)
    expect(most).toBeLessThanOrEqual(1.05 * full)
    expect(pausedRatio).toBeLessThan(0.1)
    expect(mean).toBeGreaterThan(0.25 * policy.cpuRatio)
  })
})

describe('what is left of the budget between two looks', () => {
  const model = new KsmdModel({ guests })
  const budget = followBudget(policy, initialBudget, model.observe())
  const rate = { pagesToScan: 5000, sleepMillisecs: 10 }

  it('is less by what ksmd has used since', () => {
    const seen = { atSeconds: 10, ksmdCpuSeconds: 4 }
    expect(leftOfBudget(budget, rate, seen)).toBeCloseTo(full - 4)
  })

  it('is less by what its rate allows where its CPU is not shown, and the same while it rests', () => {
    const seen = { atSeconds: 10, ksmdCpuSeconds: undefined }
    const roundSeconds = 0.01 + 5000 * budget.secondsPerPage
    const used = (10 / roundSeconds) * 5000 * budget.secondsPerPage
    expect(leftOfBudget(budget, rate, seen)).toBeCloseTo(full - used)
    expect(leftOfBudget(budget, undefined, seen)).toBe(full)
  })
})
