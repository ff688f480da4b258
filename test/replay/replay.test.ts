import { describe, expect, it } from 'vitest'
import type { ScrubPlan } from '../../helper/src/policies/scrub-plan.ts'
import type { ScrubPolicy } from '../../src/shared/contract/policies.ts'
import { defaultChangePolicy, defaultPolicy, parsePolicyFile } from '../../src/shared/policies/policy-file.ts'
import { type ReplayReport, replay } from './replay.ts'
import { createWorkload, workloadNames } from './workloads.ts'

function scrubOf(scrub: Record<string, unknown>): ScrubPolicy {
  return parsePolicyFile(JSON.stringify({ scrub })).scrub
}

function guest(report: ReplayReport, name: string) {
  const found = report.guests.find((candidate) => candidate.name === name)
  if (found === undefined) throw new Error(`no guest ${name}`)
  return found
}

function expectNeverBelow(kernel: ReplayReport, adaptive: ReplayReport): void {
  adaptive.guests.forEach((figures, index) => {
    const alone = kernel.guests[index]
    expect(figures.operationsPerSecond).toBeGreaterThanOrEqual((alone?.operationsPerSecond ?? 0) * 0.97)
    expect(figures.hostHitRatio ?? 0).toBeGreaterThanOrEqual((alone?.hostHitRatio ?? 0) * 0.97)
  })
}

describe('adaptive against the kernel alone', { timeout: 60_000 }, () => {
  it.each(workloadNames)('is never below 0.97 of it for any guest of workload %s', (name) => {
    const seconds = name === 'd' ? 200 : 150
    const kernel = replay({ ...createWorkload(name), seconds }, defaultPolicy().scrub)
    const adaptive = replay({ ...createWorkload(name), seconds }, defaultChangePolicy().scrub)
    expectNeverBelow(kernel, adaptive)
    expect(kernel.evictedPages).toBe(0)
  })

  it.each([2, 3, 4, 5, 6])('nor beside a stream of any size: seed %i', (seed) => {
    const kernel = replay({ ...createWorkload('h', seed), seconds: 200 }, defaultPolicy().scrub)
    const adaptive = replay({ ...createWorkload('h', seed), seconds: 200 }, defaultChangePolicy().scrub)
    expectNeverBelow(kernel, adaptive)
  })

  it('evicts nothing where an archive of small files and a database have nothing to win', () => {
    expect(replay({ ...createWorkload('i'), seconds: 150 }, defaultChangePolicy().scrub).evictedPages).toBe(0)
  })

  it('gives an archive beside a backup at least twice the operations', () => {
    const kernel = replay({ ...createWorkload('j'), seconds: 150 }, defaultPolicy().scrub)
    const adaptive = replay({ ...createWorkload('j'), seconds: 150 }, defaultChangePolicy().scrub)
    const [before, after] = [guest(kernel, 'archive'), guest(adaptive, 'archive')]
    expect(after.operationsPerSecond).toBeGreaterThan(2 * before.operationsPerSecond)
  })

  it('gives the reader beside a stream at least three times the hit ratio and twice the operations', () => {
    const kernel = replay(createWorkload('b'), defaultPolicy().scrub)
    const adaptive = replay(createWorkload('b'), defaultChangePolicy().scrub)
    const [before, after] = [guest(kernel, 'reader'), guest(adaptive, 'reader')]
    expect(after.hostHitRatio).toBeGreaterThan(Math.max(0.4, 3 * (before.hostHitRatio ?? 0)))
    expect(after.operationsPerSecond).toBeGreaterThan(2 * before.operationsPerSecond)
    expect(guest(adaptive, 'stream').operationsPerSecond).toBeGreaterThan(
      guest(kernel, 'stream').operationsPerSecond,
    )
  })
})

describe('adaptive that starts when the stream has taken the cache', { timeout: 60_000 }, () => {
  /** Kernel's lists and readahead: the stream's own guest hits what was read ahead for it. */
  const late = () => {
    const b = createWorkload('b')
    return { ...b, readAheadPages: 32, layout: { ...b.layout, activeList: true }, seconds: 200 }
  }
  const startSeconds = 100

  it('brings the reader back into the cache', () => {
    const options = { startSeconds, warmUpSeconds: startSeconds }
    const kernel = replay(late(), defaultPolicy().scrub, options)
    const adaptive = replay(late(), defaultChangePolicy().scrub, options)
    expectNeverBelow(kernel, adaptive)
    expect(guest(kernel, 'reader').hostHitRatio).toBeLessThan(0.05)
    expect(guest(adaptive, 'reader').hostHitRatio).toBeGreaterThan(0.1)
  })

  it('evicts within its first ten seconds', () => {
    const evictedAt: number[] = []
    let now = 0
    replay({ ...late(), seconds: 120 }, defaultChangePolicy().scrub, {
      startSeconds,
      onObservation: ({ atSeconds }) => (now = atSeconds),
      onPlan: ({ actions }) => actions.length > 0 && evictedAt.push(now),
    })
    expect(evictedAt[0]).toBeLessThan(startSeconds + 10)
  })
})

describe('the other modes', { timeout: 60_000 }, () => {
  it.each([
    { target: { freeBytes: 2000 * 4096 }, evicted: 2000 },
    { target: { cacheBytes: 7000 * 4096 }, evicted: 3000 },
  ])('reclaim reaches $target and then stops for good', ({ target, evicted }) => {
    const plans: ScrubPlan[] = []
    const workload = { ...createWorkload('a'), seconds: 250 }
    const policy = scrubOf({ mode: 'reclaim', target })
    const report = replay(workload, policy, { startSeconds: 200, onPlan: (plan) => plans.push(plan) })
    const finishedAt = plans.findIndex((plan) => plan.state.finished)
    expect(finishedAt).toBeGreaterThan(0)
    expect(finishedAt).toBeLessThan(10)
    expect(plans.slice(finishedAt).every((plan) => plan.actions.length === 0)).toBe(true)
    expect(report.evictedPages).toBeGreaterThanOrEqual(evicted)
    expect(report.evictedPages).toBeLessThan(evicted + 2000)
  })

  it('periodic evicts all double-cached clean pages and reproduces its harm', () => {
    const workload = () => ({ ...createWorkload('a'), seconds: 200 })
    const kernel = replay(workload(), defaultPolicy().scrub)
    const periodic = replay(workload(), scrubOf({ mode: 'periodic', everySeconds: 5 }))
    expect(periodic.meanCachePages).toBeLessThan(kernel.meanCachePages / 10)
    expect(guest(periodic, 'reader').hostHitRatio).toBeLessThan(0.1)
  })

  it('a dry run plans and changes nothing', () => {
    const workload = { ...createWorkload('b'), seconds: 120 }
    let planned = 0
    const policy = scrubOf({ mode: 'adaptive', guards: { dryRun: true } })
    const dry = replay(workload, policy, { onPlan: (plan) => (planned += plan.actions.length) })
    expect(planned).toBeGreaterThan(0)
    expect(dry.evictedPages).toBe(0)
    expect(dry.hitRatio).toBe(
      replay({ ...createWorkload('b'), seconds: 120 }, defaultPolicy().scrub).hitRatio,
    )
  })
})
