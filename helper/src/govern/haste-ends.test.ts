// Haste ends in time between two looks and in the middle of a long one, and leaves nothing behind where the loop ends.
import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { parsePolicyFile } from '../../../src/shared/policies/policy-file.ts'
import { ModelledHost, modelledGuest, runGovern } from '../../../test/fakes/modelled-host.ts'
import type { ModelledGuest } from '../../../test/replay/ksmd-model.ts'
import { isHasty } from '../policies/ksm-haste.ts'
import type { Round } from './round.ts'

const group = 'guests'
const bootSeconds = 101
const isHurried = ({ ksm }: Round) => ksm !== undefined && isHasty(ksm.state)
const policyOf = (ksm: object) =>
  parsePolicyFile(JSON.stringify({ scrub: { mode: 'observe' }, ksm: { mode: 'govern', ...ksm } }))

/** Two guests of which much is merged, and one that fits only once it is merged, too, and takes memory for a minute. */
function tightHost(size: Partial<ModelledGuest> = {}, limitPages = 140_000): ModelledHost {
  const pair = [1, 2].map((pid) => modelledGuest(pid, { startSeconds: -1000, group, ...size }))
  const comer = modelledGuest(3, { startSeconds: bootSeconds, fillSeconds: 60, group })
  return new ModelledHost({ guests: [...pair, comer], limitPages: { [group]: limitPages } })
}

/** From the start of the guest on a look costs so much that the next one has to wait for a minute. */
function makeLooksDear(host: ModelledHost): void {
  const observe = host.observe.bind(host)
  host.observe = async (asked) => {
    host.lookCpuSeconds = host.nowSeconds() < bootSeconds ? 0 : 2.4
    return observe(asked)
  }
}

/** How long ksmd ran after a look in haste and before the next one, and what it used within any minute. */
async function watchHaste(host: ModelledHost, ksm: object, onSleep: () => void = () => undefined) {
  const controller = new AbortController()
  const rounds: Round[] = []
  const used: { at: number; cpu: number }[] = []
  let hastySeconds = 0
  await runGovern(host, 0, {
    policy: policyOf(ksm),
    signal: controller.signal,
    onRound: (round) => rounds.push(round),
    sleep: async (seconds) => {
      await setImmediate()
      const last = rounds.at(-1)
      if (last !== undefined && isHurried(last) && host.ksmd.run === 1) hastySeconds += seconds
      host.ksmd.advance(seconds)
      used.push({ at: host.nowSeconds(), cpu: host.ksmd.cpuSeconds })
      onSleep()
      if (host.nowSeconds() >= 220) controller.abort()
    },
  })
  const inMinute = used.map(({ at, cpu }) => cpu - (used.findLast((one) => one.at <= at - 60)?.cpu ?? 0))
  return { rounds, hastySeconds, mostInMinute: Math.max(...inMinute) }
}

describe('haste', () => {
  it('ends when its seconds are used up, though the next look is far away', async () => {
    const host = tightHost()
    makeLooksDear(host)
    const { rounds, hastySeconds } = await watchHaste(host, { bootHasteSeconds: 20, cpuRatio: 4 })
    expect(rounds.some(isHurried)).toBe(true)
    expect(hastySeconds).toBeGreaterThan(19)
    expect(hastySeconds).toBeLessThanOrEqual(20.5)
  })

  it('ends when the budget is used up, though the next look is far away', async () => {
    const host = tightHost({ residentPages: 40_000, identicalPages: 32_000 }, 60_000)
    makeLooksDear(host)
    const { rounds, mostInMinute } = await watchHaste(host, { bootHasteSeconds: 300, cpuRatio: 0.05 })
    expect(rounds.some(isHurried)).toBe(true)
    expect(mostInMinute).toBeLessThanOrEqual(0.05 * 60 + 0.5)
  })

  it('ends in the middle of a look that takes long', async () => {
    const host = tightHost()
    const observe = host.observe.bind(host)
    const slow = Promise.withResolvers<void>()
    let begun = Number.POSITIVE_INFINITY
    host.observe = async (asked) => {
      if (host.nowSeconds() > bootSeconds + 3 && begun === Number.POSITIVE_INFINITY) {
        begun = host.nowSeconds()
        await slow.promise
      }
      return observe(asked)
    }
    const apply = host.applyKsm.bind(host)
    host.applyKsm = async (actions) => {
      await apply(actions)
      if (host.ksmd.run === 0 && host.nowSeconds() > begun) slow.resolve()
    }
    const { hastySeconds } = await watchHaste(host, { bootHasteSeconds: 20, cpuRatio: 4 }, () => {
      if (host.nowSeconds() > begun + 50) slow.resolve()
    })
    expect(begun).toBeLessThan(bootSeconds + 10)
    expect(hastySeconds).toBeGreaterThan(19)
    expect(hastySeconds).toBeLessThanOrEqual(20.5)
  })

  it('leaves ksmd at rest where the loop is told to end, as for a policy that replaces this one', async () => {
    const host = tightHost()
    const controller = new AbortController()
    const { rounds } = await runGovern(host, 0, {
      policy: policyOf({ bootHasteSeconds: 60 }),
      signal: controller.signal,
      sleep: async (seconds) => {
        host.ksmd.advance(seconds)
        if (host.nowSeconds() > bootSeconds + 5) controller.abort()
      },
    })
    expect(rounds.some(isHurried)).toBe(true)
    expect(host.ksmActions.at(-1)).toEqual({ kind: 'stop' })
    expect(host.ksmd.run).toBe(0)
  })
})

it('does not wait for what giving huge pages back has cost, which has a budget of its own', async () => {
  const host = tightHost()
  const giveBack = host.giveBack.bind(host)
  host.giveBack = async (seconds) => {
    host.cpu += 8
    return { ...(await giveBack(seconds)), cpuSeconds: 8 }
  }
  const { rounds } = await runGovern(host, 100, { policy: policyOf({ bootHasteSeconds: 60 }) })
  const index = rounds.findIndex(({ givenBack }) => givenBack !== undefined)
  const [gave, next] = rounds.slice(index).map(({ seen }) => seen.scrub.atSeconds)
  expect(index).toBeGreaterThan(0)
  expect((next ?? Number.NaN) - (gave ?? Number.NaN)).toBeLessThanOrEqual(5)
})
