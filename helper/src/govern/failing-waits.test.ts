// What fails between two rounds counts as a failed round: it is said and tried again, and ends the loop as rounds do.
import { describe, expect, it } from 'vitest'
import { parsePolicyFile } from '../../../src/shared/policies/policy-file.ts'
import { Problem } from '../../../src/shared/problem.ts'
import { ModelledHost, modelledGuest, runGovern } from '../../../test/fakes/modelled-host.ts'
import type { ReserveGuard } from './reserve-guard.ts'

const unreadable = new Problem('system', 'cannot read the counters: EIO')
const policy = parsePolicyFile(
  JSON.stringify({ scrub: { mode: 'observe' }, ksm: { mode: 'govern', bootHasteSeconds: 0 } }),
)

/** A burst that has work for hours. */
function burstingHost(): ModelledHost {
  const size = { residentPages: 80_000_000, identicalPages: 64_000_000 }
  return new ModelledHost({ guests: [1, 2].map((pid) => modelledGuest(pid, size)) })
}

/** So many reads of the counters fail, the first ones. */
function failReads(host: ModelledHost, times: number): () => number {
  const readBurst = host.readBurst.bind(host)
  let failed = 0
  host.readBurst = async () => {
    if (failed === times) return readBurst()
    failed += 1
    throw unreadable
  }
  return () => failed
}

/** Guards nothing. */
function reserveWith(checkReserve: ReserveGuard['checkReserve']): ReserveGuard {
  return {
    ...{ isActing: false, broken: undefined, noteEvicted: () => undefined },
    checkReserve,
    guardScrub: async (plan) => plan,
    guardKsm: (plan) => plan,
  }
}

describe('what fails while the loop waits', () => {
  it('is said and tried again during a burst', async () => {
    const host = burstingHost()
    const failedReads = failReads(host, 4)
    const { failures, rounds } = await runGovern(host, 100, { policy })
    expect(failedReads()).toBe(4)
    expect(failures).toEqual(Array(4).fill(unreadable))
    expect(rounds.at(-1)?.ksm?.state.burst).toBeDefined()
    expect(host.nowSeconds()).toBeGreaterThanOrEqual(100)
  })

  it('ends the loop after five times in a row, five seconds apart', async () => {
    const host = burstingHost()
    failReads(host, Number.POSITIVE_INFINITY)
    const failures: Problem[] = []
    const running = runGovern(host, 1000, { policy, onFailure: (problem) => failures.push(problem) })
    await expect(running).rejects.toBe(unreadable)
    expect(failures).toHaveLength(4)
    expect(host.nowSeconds()).toBeGreaterThan(20)
  })

  it('is the reserve, too, and what fails again before the next round is no further one', async () => {
    const host = new ModelledHost()
    let checks = 0
    const reserve = reserveWith(async () => {
      checks += 1
      // Each wait begins with a check: of the two rounds, and of the pause after each.
      if (checks <= 4) throw new Problem('system', `cannot check the reserve: ${checks}`)
      return false
    })
    const said: { at: number; text: string }[] = []
    const onFailure = ({ message: text }: Problem) => said.push({ at: host.nowSeconds(), text })
    await runGovern(host, 100, { policy, reserve, onFailure })
    expect(said.map(({ text }) => text)).toEqual(
      [1, 2, 3, 4].map((check) => `cannot check the reserve: ${check}`),
    )
    expect((said[2]?.at ?? 0) - (said[0]?.at ?? 0)).toBeGreaterThanOrEqual(5)
    expect(host.nowSeconds()).toBeGreaterThanOrEqual(100)
  })

  it('ends the loop at once where the program is at fault', async () => {
    const host = new ModelledHost()
    const running = runGovern(host, 100, {
      policy,
      reserve: reserveWith(async () => {
        throw new TypeError('undefined is not a function')
      }),
    })
    await expect(running).rejects.toMatchObject({ code: 'internal' })
    expect(host.nowSeconds()).toBeLessThan(5)
  })
})
