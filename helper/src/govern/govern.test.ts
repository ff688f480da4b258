import { describe, expect, it } from 'vitest'
import { defaultChangePolicy, parsePolicyFile } from '../../../src/shared/policies/policy-file.ts'
import { Problem } from '../../../src/shared/problem.ts'
import { ModelledHost, modelledGuest, reclaimPolicy, runGovern } from '../../../test/fakes/modelled-host.ts'
import { parseGovernArgs } from '../cli/parse-govern-args.ts'
import { initialScrubState } from '../policies/scrub-state.ts'
import { followSwitches } from '../serve/handlers.ts'
import { areContentsDue } from './contents-due.ts'
import { asDryRun, describePolicy, readPolicy } from './policy-in-force.ts'
import { RoundTally } from './round-tally.ts'

describe('the loop', () => {
  it('bursts, realises the potential, stops, and evicts what guests hold', async () => {
    const host = new ModelledHost()
    const { lines } = await runGovern(host, 120)
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
    const { lines } = await runGovern(host, 20, { dryRun: true, policy: asDryRun(reclaimPolicy) })
    expect(host.ksmActions).toEqual([])
    expect(host.evictions).toEqual([])
    expect(lines).toContain('dry run: would evict 2 MiB in 1 regions')
  })

  it('ends after one round when asked, without scanning', async () => {
    const host = new ModelledHost()
    const { rounds } = await runGovern(host, 1000, { once: true })
    expect(rounds).toHaveLength(1)
    expect(host.ksmActions).toEqual([])
    expect(host.residentPages).toBe(0)
  })

  it('spaces measurements by their cost', async () => {
    const host = new ModelledHost()
    host.measureCpuSeconds = 10
    await runGovern(host, 190)
    expect(host.measures).toBe(1)
  })

  it('goes on after a failing round and gives up after five in a row', async () => {
    const host = new ModelledHost()
    host.fails = new Problem('system', 'cannot read /proc/meminfo: EIO')
    const failures: Problem[] = []
    await expect(runGovern(host, 1000, { onFailure: (problem) => failures.push(problem) })).rejects.toBe(
      host.fails,
    )
    expect(failures).toHaveLength(4)
  })
})

describe('when contents are due', () => {
  const periodic = parsePolicyFile('{"scrub": {"mode": "periodic", "everySeconds": 30}}')
  it.each([
    ['never measured', defaultChangePolicy(), undefined, 0, false, true],
    ['adaptive, fresh', defaultChangePolicy(), 0, 299, false, false],
    ['adaptive, old', defaultChangePolicy(), 0, 300, false, true],
    ['reclaim at work', reclaimPolicy, 0, 30, false, true],
    ['reclaim finished', reclaimPolicy, 0, 1000, true, false],
    ['periodic', periodic, 0, 15, false, true],
  ])('%s', (_name, policy, measuredAt, now, finished, due) => {
    expect(areContentsDue(policy, { ...initialScrubState, finished }, measuredAt, now)).toBe(due)
  })
})

describe('the tally', () => {
  it('sums up what a run evicted and merged, and shares of a core since it began', async () => {
    const { rounds } = await runGovern(new ModelledHost(), 120)
    const tally = new RoundTally(reclaimPolicy, 'run')
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

  it('says in which rounds guests were switched, and samples after these read merging anew', async () => {
    const poor = modelledGuest(3, { identicalPages: 0, monitorReachable: true })
    const host = new ModelledHost({ guests: [modelledGuest(1), modelledGuest(2), poor] })
    const { rounds } = await runGovern(host, 60)
    expect(host.ksmActions).toContainEqual({ kind: 'merge-off', pid: 3, why: 'nothing to give' })
    const tally = new RoundTally(reclaimPolicy, 'run')
    let forgotten = 0
    const note = followSwitches({ forgetMerging: () => (forgotten += 1) })
    const told = rounds.map((round) => tally.addRound(round, 0, 5))
    for (const round of told) note(round)
    expect(told.flatMap(({ ksm }) => ksm?.switchedGuests ?? [])).toEqual([1])
    expect(forgotten).toBe(1)
  })

  it('tells how near ksmd is to its budget over the window of the policy', async () => {
    const { rounds } = await runGovern(new ModelledHost(), 120)
    const { ksm } = reclaimPolicy
    const valueWith = (cpuWindowSeconds: number) => {
      const tally = new RoundTally({ ...reclaimPolicy, ksm: { ...ksm, cpuWindowSeconds } }, 'run')
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
    const policy = asDryRun(reclaimPolicy)
    const { rounds } = await runGovern(new ModelledHost(), 2, { dryRun: true, policy })
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
    expect(describePolicy(asDryRun(reclaimPolicy), '/p.json')).toContain('/p.json: scrub reclaim, dry run')
  })

  it('refuses what is no file', () => {
    expect(() => readPolicy('/nowhere/policy.json')).toThrow(expect.objectContaining({ code: 'bad-input' }))
    expect(() => readPolicy('/dev/zero')).toThrow(/not a file/)
  })
})
