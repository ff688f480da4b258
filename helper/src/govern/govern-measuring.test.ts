// What the loop does while guests' memory is measured, which may take minutes.
import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { defaultChangePolicy } from '../../../src/shared/policies/policy-file.ts'
import { Problem } from '../../../src/shared/problem.ts'
import { ModelledHost, reclaimPolicy, runGovern } from '../../../test/fakes/modelled-host.ts'
import type { ReserveGuard } from './reserve-guard.ts'

describe('during a long measurement', () => {
  it.each([
    ['adaptive goes on looking', defaultChangePolicy(), 2, true],
    ['adaptive begins to look while nothing was measured', defaultChangePolicy(), 1, true],
    ['reclaim waits for it', reclaimPolicy, 2, false],
    ['reclaim waits for the first', reclaimPolicy, 1, false],
  ])('%s', async (_name, policy, long, looks) => {
    const host = new ModelledHost()
    const measured = Promise.withResolvers<void>()
    let [measures, rounds] = [0, 0]
    host.measure = async () => {
      measures += 1
      if (measures >= long) await measured.promise
    }
    const running = runGovern(host, 2000, { policy, onRound: () => (rounds += 1) })
    for (let turn = 0; turn < 100; turn += 1) await setImmediate()
    expect(measures).toBe(long)
    const [before, looksAtKsm] = [rounds, host.looksAtKsm]
    for (let turn = 0; turn < 100; turn += 1) await setImmediate()
    expect(looks ? before > looksAtKsm + 10 : rounds === before).toBe(true)
    measured.resolve()
    await running
    expect(rounds).toBeGreaterThan(before)
  })

  it.each([
    ['the first one, whatever the mode', reclaimPolicy, 1],
    ['a later one', reclaimPolicy, 2],
    ['a later one of adaptive', defaultChangePolicy(), 2],
  ])('keeps the reserve during a long measurement: %s', async (_name, policy, long) => {
    const host = new ModelledHost()
    const measured = Promise.withResolvers<void>()
    let measures = 0
    host.measure = async () => {
      measures += 1
      if (measures === long) await measured.promise
    }
    let [looks, acted] = [0, 0]
    let breaks = false
    const reserve: ReserveGuard = {
      ...{ isActing: false, broken: undefined, noteEvicted: () => undefined },
      checkReserve: async () => {
        looks += 1
        return breaks
      },
      guardScrub: async (plan) => plan,
      guardKsm: (plan) => {
        acted += Number(breaks)
        return plan
      },
    }
    const sleep = async (seconds: number) => {
      await setImmediate()
      host.ksmd.advance(seconds)
    }
    const controller = new AbortController()
    const running = runGovern(host, 0, { policy, reserve, sleep, signal: controller.signal })
    await expect.poll(() => measures).toBe(long)
    const before = looks
    await expect.poll(() => looks).toBeGreaterThan(before + 5)
    expect(acted).toBe(0)
    breaks = true
    await expect.poll(() => acted).toBeGreaterThan(2)
    expect(measures).toBe(long)
    measured.resolve()
    controller.abort()
    await running
  })

  it('ends a measurement beside which looks fail, before it begins another', async () => {
    const host = new ModelledHost()
    let [measures, atOnce, most] = [0, 0, 0]
    host.measure = async (signal?: AbortSignal) => {
      measures += 1
      atOnce += 1
      most = Math.max(most, atOnce)
      if (measures === 2) {
        host.fails = new Problem('system', 'cannot read /proc/meminfo: EIO')
        await new Promise((resolve) => signal?.addEventListener('abort', resolve, { once: true }))
        host.fails = undefined
      }
      atOnce -= 1
      signal?.throwIfAborted()
    }
    const { failures } = await runGovern(host, 2000, { policy: defaultChangePolicy() })
    expect(failures.map(({ message }) => message)).toEqual(['cannot read /proc/meminfo: EIO'])
    expect(measures).toBeGreaterThan(2)
    expect(most).toBe(1)
  })

  it('ends without an error when it is cancelled in a measurement', async () => {
    const host = new ModelledHost()
    const controller = new AbortController()
    host.measure = async () => {
      controller.abort()
      throw new Problem('cancelled', 'cancelled by SIGTERM')
    }
    const { rounds, failures } = await runGovern(host, 10, { signal: controller.signal })
    expect([rounds, failures]).toEqual([[], []])
  })
})
