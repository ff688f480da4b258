// The loop while guests boot and memory is short: it sees them soon, ends haste in time, and neither costs nor waits too much.
import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { parsePolicyFile } from '../../../src/shared/policies/policy-file.ts'
import { Problem } from '../../../src/shared/problem.ts'
import { ModelledHost, modelledGuest, reclaimPolicy, runGovern } from '../../../test/fakes/modelled-host.ts'
import type { ModelledGuest } from '../../../test/replay/ksmd-model.ts'
import { isHasty } from '../policies/ksm-haste.ts'
import { asDryRun } from './policy-in-force.ts'
import type { ReserveGuard } from './reserve-guard.ts'
import type { Round } from './round.ts'

const group = 'guests'
const bootSeconds = 101
const pair = [1, 2].map((pid) => modelledGuest(pid, { startSeconds: -1000, group }))
const comer = (pid: number, startSeconds: number, more: Partial<ModelledGuest> = {}) =>
  modelledGuest(pid, { startSeconds, fillSeconds: 6, group, ...more })

/** Two guests of which much is merged, and others that fit only once they are merged, too. */
function tightHost(comers: readonly ModelledGuest[] = [comer(3, bootSeconds)]): ModelledHost {
  return new ModelledHost({ guests: [...pair, ...comers], limitPages: { [group]: 140_000 } })
}

const isHurried = ({ ksm }: Round) => ksm !== undefined && isHasty(ksm.state)
const policyOf = (scrub: object, ksm: object = {}) =>
  parsePolicyFile(JSON.stringify({ scrub, ksm: { mode: 'govern', bootHasteSeconds: 60, ...ksm } }))

describe('the loop, while guests boot and memory is short', () => {
  it('sees a guest within two seconds, and measures it once it has settled', async () => {
    const host = tightHost()
    const { rounds } = await runGovern(host, 200)
    const hurried = rounds.filter(isHurried)
    expect(hurried[0]?.seen.scrub.atSeconds).toBeLessThan(bootSeconds + 2)
    expect(hurried.some(({ measuredCpuSeconds }) => measuredCpuSeconds !== undefined)).toBe(false)
    const end = hurried.at(-1)?.seen.scrub.atSeconds ?? 0
    const after = rounds.filter(({ seen }) => seen.scrub.atSeconds > end)
    expect(after.some(({ measuredCpuSeconds }) => measuredCpuSeconds !== undefined)).toBe(true)
    expect(host.ksmd.run).toBe(0)
    expect(host.ksmd.mergedPages).toBeGreaterThan(0.99 * 3 * 80_000)
  })

  it('lets a measurement wait that is due in the meantime', async () => {
    const host = tightHost()
    // The first burst asks for one, which may not come before 20 times what the last one cost.
    host.measureCpuSeconds = (bootSeconds + 2) / 20
    const { rounds } = await runGovern(host, 200)
    const atSeconds = ({ seen }: Round) => seen.scrub.atSeconds
    const measured = rounds.filter((round) => round.measuredCpuSeconds !== undefined).map(atSeconds)
    const lastHurried = rounds.filter(isHurried).map(atSeconds).at(-1)
    expect(lastHurried).toBeGreaterThan(bootSeconds + 6)
    expect(measured).toHaveLength(2)
    expect(measured[1]).toBeGreaterThan(lastHurried ?? 0)
  })

  it('looks no more often than its looks may cost', async () => {
    const host = tightHost()
    host.lookCpuSeconds = 0.4
    await runGovern(host, 300)
    expect(host.looksAtKsm).toBeLessThanOrEqual(300 / (0.4 / 0.04) + 1)
  })

  it('looks at its usual pace where the policy has no haste, or changes nothing', async () => {
    const looksOf = async (policy: typeof reclaimPolicy, dryRun = false) => {
      const host = tightHost()
      const { rounds } = await runGovern(host, 300, { policy, dryRun })
      expect(rounds.some(isHurried)).toBe(false)
      // Two bursts are followed second by second.
      return host.looksAtKsm
    }
    const most = 300 / 5 + 60
    expect(await looksOf(policyOf({ mode: 'observe' }, { bootBurst: false }))).toBeLessThan(most)
    expect(await looksOf(policyOf({ mode: 'observe' }, { bootHasteSeconds: 0 }))).toBeLessThan(most)
    expect(await looksOf(asDryRun(policyOf({ mode: 'observe' })))).toBeLessThan(most)
    // A burst that scans nothing is followed for ever.
    const without = { ...reclaimPolicy, ksm: { ...reclaimPolicy.ksm, bootHasteSeconds: 0 } }
    expect(await looksOf(asDryRun(reclaimPolicy), true)).toBe(await looksOf(asDryRun(without), true))
  })

  it('goes on measuring, however many guests come', async () => {
    const comers = Array.from({ length: 220 }, (_, index) => {
      const start = bootSeconds + 5 * index
      return comer(10 + index, start, { endSeconds: start + 12, fillSeconds: 60 })
    })
    const host = tightHost(comers)
    const measuredAt: number[] = []
    const measure = host.measure.bind(host)
    host.measure = async () => {
      measuredAt.push(host.nowSeconds())
      await measure()
    }
    await runGovern(host, 1200)
    const waits = measuredAt.slice(1).map((at, index) => at - (measuredAt[index] ?? 0))
    expect(measuredAt.at(-1)).toBeGreaterThan(900)
    expect(Math.max(...waits)).toBeLessThan(300 + 60)
  })

  it('puts ksmd to rest while looks fail, and does not use its patience up', async () => {
    const host = tightHost()
    const runs: number[] = []
    const failures: Problem[] = []
    const controller = new AbortController()
    const { rounds } = await runGovern(host, 0, {
      signal: controller.signal,
      onFailure: (problem) => failures.push(problem),
      sleep: async (seconds) => {
        if (host.fails !== undefined && failures.length > 0) runs.push(host.ksmd.run)
        host.ksmd.advance(seconds)
        const now = host.nowSeconds()
        host.fails =
          now >= bootSeconds + 2 && now < bootSeconds + 15 ? new Problem('system', 'EIO') : undefined
        if (now >= 200) controller.abort()
      },
    })
    expect(rounds.some(isHurried)).toBe(true)
    expect(failures.length).toBeGreaterThan(1)
    expect(failures.length).toBeLessThan(5)
    expect(new Set(runs)).toEqual(new Set([0]))
    expect(host.ksmd.mergedPages).toBeGreaterThan(0.99 * 3 * 80_000)
  })

  it('ends haste that was to begin when something else could not be done', async () => {
    const host = tightHost()
    const apply = host.applyKsm.bind(host)
    let refuses = true
    host.applyKsm = async (actions) => {
      await apply(actions)
      const isHaste = host.nowSeconds() >= bootSeconds && actions.some(({ kind }) => kind === 'scan')
      if (!isHaste || !refuses) return
      refuses = false
      throw new Problem('system', 'cannot write the audit: ENOSPC')
    }
    const { failures } = await runGovern(host, 103)
    expect(failures).toHaveLength(1)
    expect(host.ksmActions.at(-1)).toEqual({ kind: 'stop' })
    expect(host.ksmd.run).toBe(0)
  })
})

describe('haste during a long measurement', () => {
  /** Its measurement never ends once it has begun this late. */
  function measuringHost() {
    const host = tightHost([comer(3, 110)])
    const measured = Promise.withResolvers<void>()
    const measure = host.measure.bind(host)
    let isMeasuring = false
    host.measure = async () => {
      if (host.nowSeconds() < 95) return await measure()
      isMeasuring = true
      await measured.promise
    }
    return { host, resolve: measured.resolve, isMeasuring: () => isMeasuring }
  }

  it('begins and ends in time where looks go on', async () => {
    const { host, resolve, isMeasuring } = measuringHost()
    const rounds: Round[] = []
    const policy = policyOf({ mode: 'adaptive' }, { measureSeconds: 50 })
    const running = runGovern(host, 200, { policy, onRound: (round) => rounds.push(round) })
    await expect.poll(() => host.nowSeconds()).toBeGreaterThanOrEqual(200)
    expect(isMeasuring()).toBe(true)
    expect(rounds.some(isHurried)).toBe(true)
    expect(rounds.findLast(({ seen }) => seen.ksm !== undefined)?.ksm?.state.haste.guests).toEqual([])
    expect(host.ksmd.run).toBe(0)
    resolve()
    await running
  })

  it('ends in time where only the reserve had it looked at', async () => {
    const { host, resolve, isMeasuring } = measuringHost()
    const rounds: Round[] = []
    const isActing = () => host.nowSeconds() >= 112 && host.nowSeconds() < 113
    const reserve: ReserveGuard = {
      get isActing() {
        return isActing()
      },
      ...{ broken: undefined, noteEvicted: () => undefined },
      checkReserve: async () => isActing(),
      guardScrub: async (plan) => plan,
      guardKsm: (plan) => plan,
    }
    const controller = new AbortController()
    const running = runGovern(host, 0, {
      policy: policyOf({ mode: 'observe' }, { measureSeconds: 50 }),
      reserve,
      signal: controller.signal,
      onRound: (round) => rounds.push(round),
      sleep: async (seconds) => {
        await setImmediate()
        host.ksmd.advance(seconds)
        if (host.nowSeconds() >= 200) controller.abort()
      },
    })
    await expect.poll(() => host.nowSeconds()).toBeGreaterThanOrEqual(200)
    expect(isMeasuring()).toBe(true)
    expect(rounds.some(isHurried)).toBe(true)
    expect(host.ksmd.run).toBe(0)
    resolve()
    await running
  })
})
