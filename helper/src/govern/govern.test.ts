import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { defaultChangePolicy, parsePolicyFile } from '../../../src/shared/policies/policy-file.ts'
import { Problem } from '../../../src/shared/problem.ts'
import { KsmdModel } from '../../../test/replay/ksmd-model.ts'
import { parseGovernArgs } from '../cli/parse-govern-args.ts'
import type { KsmAction } from '../policies/ksm-observation.ts'
import type { Evict } from '../policies/scrub-action.ts'
import { initialScrubState } from '../policies/scrub-state.ts'
import { areContentsDue } from './contents-due.ts'
import { type GovernOptions, govern } from './govern.ts'
import type { GovernedHost, LookAsked } from './governed-host.ts'
import { asDryRun, describePolicy, readPolicy } from './policy-in-force.ts'
import { describeRound, type Round } from './round.ts'
import { RoundTally } from './round-tally.ts'

const reclaim = parsePolicyFile(
  JSON.stringify({ scrub: { mode: 'reclaim', target: { cacheBytes: 0 } }, ksm: { mode: 'govern' } }),
)

/** ksmd as modelled, one image of 512 double-cached pages, time that passes when the loop sleeps. */
class ModelledHost implements GovernedHost {
  readonly ksmd = new KsmdModel({
    guests: [1, 2].map((pid) => ({
      pid,
      name: `guest-${pid}`,
      startSeconds: 0,
      residentPages: 100_000,
      identicalPages: 80_000,
      breaksPerSecond: 0,
      monitorReachable: false,
    })),
  })
  residentPages = 512
  cpu = 0
  measures = 0
  measureCpuSeconds = 0.1
  fails: Problem | undefined
  readonly ksmActions: KsmAction[] = []
  readonly evictions: Evict[] = []
  readonly gaveBackFor: number[] = []

  readonly pageBytes = 4096
  nowSeconds = () => this.ksmd.nowSeconds

  async readBurst() {
    return this.ksmd.observe().counters
  }
  cpuSeconds = () => this.cpu

  looksAtKsm = 0

  async observe(asked: LookAsked) {
    this.looksAtKsm += Number(asked.ksm)
    if (this.fails !== undefined) throw this.fails
    const region = { index: 0, residentPages: this.residentPages, arrivedPages: 0, sequentialPages: 0 }
    return {
      ...(asked.ksm && { ksm: this.ksmd.observe() }),
      unreadable: [],
      scrub: {
        atSeconds: this.nowSeconds(),
        pageBytes: 4096,
        regionPages: 512,
        memory: { imageCachePages: this.residentPages, imageCacheLimitPages: 100_000 },
        images: [
          {
            path: '/one',
            guests: 1,
            foreignWriter: false,
            regions: [{ ...region, returnedPages: 0, doubleCachedPages: this.residentPages }],
          },
        ],
      },
    }
  }

  async measure() {
    this.measures += 1
    this.cpu += this.measureCpuSeconds
    this.ksmd.apply([{ kind: 'measure' }])
  }

  async applyKsm(actions: readonly KsmAction[]) {
    this.ksmActions.push(...actions)
    this.ksmd.apply(actions)
  }

  async giveBack(seconds: number) {
    this.gaveBackFor.push(seconds)
    const bytes = 4 * 2 ** 20
    return { bytes, candidateBytes: 2 * bytes, seconds: 0.1, cpuSeconds: 0.05, why: 'interrupted' }
  }

  async evict(actions: readonly Evict[]) {
    this.evictions.push(...actions)
    const evictedPages = this.residentPages
    this.residentPages = 0
    return [{ path: '/one', id: '8:1:1', evictedPages }]
  }

  readonly readBackPages: number[] = []

  async readBack(pages: number) {
    this.readBackPages.push(pages)
    return pages
  }
}

async function run(host: ModelledHost, seconds: number, changed: Partial<GovernOptions> = {}) {
  const controller = new AbortController()
  const rounds: Round[] = []
  const failures: Problem[] = []
  await govern(host, {
    policy: reclaim,
    dryRun: false,
    once: false,
    signal: controller.signal,
    onRound: (round) => rounds.push(round),
    onFailure: (problem) => failures.push(problem),
    sleep: async (wait) => {
      host.ksmd.advance(wait)
      if (host.nowSeconds() >= seconds) controller.abort()
    },
    ...changed,
  })
  return { rounds, failures, lines: rounds.flatMap(describeRound) }
}

describe('the loop', () => {
  it('bursts, realises the potential, stops, and evicts what guests hold', async () => {
    const host = new ModelledHost()
    const { lines } = await run(host, 120)
    expect(host.ksmd.run).toBe(0)
    // Realised within the plateau of 1 %.
    expect(host.ksmd.mergedPages).toBeGreaterThan(158_400)
    expect(host.ksmActions.map(({ kind }) => kind)).toContain('stop')
    expect(host.residentPages).toBe(0)
    expect(lines.some((line) => line.startsWith('KSM: realised'))).toBe(true)
    expect(lines).toContain('evicted 2 MiB (512 pages) of /one')
  })

  it('changes nothing in a dry run, and says what it would do', async () => {
    const host = new ModelledHost()
    const { lines } = await run(host, 20, { dryRun: true, policy: asDryRun(reclaim) })
    expect(host.ksmActions).toEqual([])
    expect(host.evictions).toEqual([])
    expect(lines).toContain('dry run: would evict 2 MiB in 1 regions')
  })

  it('ends after one round when asked, without scanning', async () => {
    const host = new ModelledHost()
    const { rounds } = await run(host, 1000, { once: true })
    expect(rounds).toHaveLength(1)
    expect(host.ksmActions).toEqual([])
    expect(host.residentPages).toBe(0)
  })

  it('spaces measurements by their cost', async () => {
    const host = new ModelledHost()
    host.measureCpuSeconds = 10
    await run(host, 190)
    expect(host.measures).toBe(1)
  })

  it('goes on after a failing round and gives up after five in a row', async () => {
    const host = new ModelledHost()
    host.fails = new Problem('system', 'cannot read /proc/meminfo: EIO')
    const failures: Problem[] = []
    await expect(run(host, 1000, { onFailure: (problem) => failures.push(problem) })).rejects.toBe(host.fails)
    expect(failures).toHaveLength(4)
  })

  it.each([
    ['adaptive goes on looking', defaultChangePolicy, true],
    ['reclaim waits for it', reclaim, false],
  ])('during a long measurement %s', async (_name, policy, looks) => {
    const host = new ModelledHost()
    const measured = Promise.withResolvers<void>()
    let [measures, rounds] = [0, 0]
    // The first one tells what the first round shows.
    host.measure = async () => {
      measures += 1
      if (measures > 1) await measured.promise
    }
    const running = run(host, 2000, { policy, onRound: () => (rounds += 1) })
    for (let turn = 0; turn < 100; turn += 1) await setImmediate()
    expect(measures).toBe(2)
    const [before, looksAtKsm] = [rounds, host.looksAtKsm]
    for (let turn = 0; turn < 100; turn += 1) await setImmediate()
    expect(looks ? before > looksAtKsm + 10 : rounds === before).toBe(true)
    measured.resolve()
    await running
    expect(rounds).toBeGreaterThan(before)
  })

  it('ends without an error when it is cancelled in a measurement', async () => {
    const host = new ModelledHost()
    const controller = new AbortController()
    host.measure = async () => {
      controller.abort()
      throw new Problem('cancelled', 'cancelled by SIGTERM')
    }
    const { rounds, failures } = await run(host, 10, { signal: controller.signal })
    expect([rounds, failures]).toEqual([[], []])
  })
})

describe('when contents are due', () => {
  const periodic = parsePolicyFile('{"scrub": {"mode": "periodic", "everySeconds": 30}}')
  it.each([
    ['never measured', defaultChangePolicy, undefined, 0, false, true],
    ['adaptive, fresh', defaultChangePolicy, 0, 299, false, false],
    ['adaptive, old', defaultChangePolicy, 0, 300, false, true],
    ['reclaim at work', reclaim, 0, 30, false, true],
    ['reclaim finished', reclaim, 0, 1000, true, false],
    ['periodic', periodic, 0, 15, false, true],
  ])('%s', (_name, policy, measuredAt, now, finished, due) => {
    expect(areContentsDue(policy, { ...initialScrubState, finished }, measuredAt, now)).toBe(due)
  })
})

describe('the tally', () => {
  it('sums up what a run evicted and merged, and shares of a core since it began', async () => {
    const { rounds } = await run(new ModelledHost(), 120)
    const tally = new RoundTally(reclaim, 'run')
    // A tenth of a core, as the rounds tell the time.
    const told = rounds.map((round) => tally.addRound(round, round.seen.scrub.atSeconds / 10, 5))
    expect(told.map(({ sequence }) => sequence)).toEqual(rounds.map((_, index) => index + 1))
    const last = told.at(-1)
    expect(last).toMatchObject({
      runId: 'run',
      at: 5,
      evictedBytes: 2 * 2 ** 20,
      returnedBytes: 0,
      doubleCachedBytes: 0,
    })
    expect(last).not.toHaveProperty('wouldEvictBytes')
    expect(last?.cpu.helperRatio).toBeCloseTo(0.1)
    expect(Math.max(...told.map(({ cpu }) => cpu.ksmdRatio ?? 0))).toBeGreaterThan(0)
    expect(last?.ksm?.mergedSinceBytes).toBeGreaterThan(158_400 * 4096)
    expect(last?.guards.map(({ name }) => name)).toContain('CPU')
  })

  it('tells how near ksmd is to its budget over the window of the policy', async () => {
    const { rounds } = await run(new ModelledHost(), 120)
    const { ksm } = reclaim
    const valueWith = (cpuWindowSeconds: number) => {
      const tally = new RoundTally({ ...reclaim, ksm: { ...ksm, cpuWindowSeconds } }, 'run')
      const told = rounds.map((round) => tally.addRound(round, 0, 5))
      return told.at(-1)?.guards.find(({ name }) => name === 'CPU')?.value
    }
    const at = (index: number) => {
      const { scrub, ksm: seen } = rounds.at(index)?.seen ?? {}
      return [scrub?.atSeconds ?? 0, seen?.counters.ksmdCpuSeconds ?? 0] as const
    }
    const [[first, usedFirst], [last, usedLast]] = [at(0), at(-1)]
    // It merged at the start, and has stopped long since.
    expect(valueWith(3600)).toBeCloseTo((usedLast - usedFirst) / (last - first))
    expect(valueWith(3600)).toBeGreaterThan(0)
    expect(valueWith(5)).toBe(0)
  })

  it('tells what a dry run would evict, in place of what it evicted', async () => {
    const policy = asDryRun(reclaim)
    const { rounds } = await run(new ModelledHost(), 2, { dryRun: true, policy })
    const told = rounds.map((round) => new RoundTally(policy, 'run').addRound(round, 0, 5))
    expect(told[0]).toMatchObject({ evictedBytes: 0, wouldEvictBytes: 2 * 2 ** 20 })
  })
})

describe('the command line and the policy in force', () => {
  it('parses', () => {
    expect(parseGovernArgs(['--policy', 'p.json', '--json', '--dry-run'])).toEqual({
      policyPath: 'p.json',
      json: true,
      dryRun: true,
      once: false,
    })
    expect(() => parseGovernArgs(['now'])).toThrow(/cannot govern: /)
  })

  it('says which it is', () => {
    expect(describePolicy(readPolicy(undefined), undefined)).toContain('scrub adaptive; KSM govern')
    expect(describePolicy(asDryRun(reclaim), '/p.json')).toContain('/p.json: scrub reclaim, dry run')
  })

  it('refuses what is no file', () => {
    expect(() => readPolicy('/nowhere/policy.json')).toThrow(expect.objectContaining({ code: 'bad-input' }))
    expect(() => readPolicy('/dev/zero')).toThrow(/not a file/)
  })
})
