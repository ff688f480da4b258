import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openPolicyHosts, type PolicyHost, type PolicyHosts } from '../../../test/fakes/policy-hosts.ts'
import { type PolicyRound, type Rollout, rolloutPlan } from '../../shared/contract/index.ts'
import { Problem } from '../../shared/problem.ts'
import { findKeeper } from './keeper.ts'
import { Rollouts } from './rollouts.ts'

const quiet = { signal: new AbortController().signal, reportProgress: () => undefined }
const policy = rolloutPlan.shape.policy.parse({ scrub: { mode: 'adaptive' } })

let folder: string
let bed: PolicyHosts
let rollouts: Rollouts
/** Moves only when the test says so. */
let nowMs: number

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'singleton-rollouts-'))
  nowMs = 0
  await open()
})
afterEach(async () => {
  await close()
  rmSync(folder, { recursive: true })
})

async function open(): Promise<void> {
  bed = await openPolicyHosts(folder, policy, bed?.hosts)
  rollouts = openRollouts()
}

function openRollouts(onProblem = fail): Rollouts {
  const times = { nowMs: () => nowMs, tickMs: 2, patienceMs: 60_000, askEveryMs: 0 }
  return new Rollouts({ ...bed, dataDirectory: folder, onProblem, ...times })
}

async function close(): Promise<void> {
  await rollouts.close()
  await bed.fleet.close()
}

function fail(problem: Problem): never {
  throw problem
}

async function addHosts(names: readonly string[], mode: 'change' | 'observe' = 'change'): Promise<string[]> {
  const { added } = await bed.fleet.addAll(names.map((address) => ({ address, mode })))
  for (const { id } of added) await bed.fleet.connect(id, quiet)
  return added.map(({ id }) => id)
}

async function start(hostIds: readonly string[]): Promise<string> {
  const plan = { hostIds, policy, stages: ['1', '50%', '100%'], waitSeconds: 60 }
  return (await rollouts.start(rolloutPlan.parse(plan))).id
}

const shown = (id: string): Rollout => rollouts.list().find((one) => one.id === id) as Rollout
const states = (id: string) => shown(id).hosts.map(({ state }) => state)
const whatRuns = () => [...bed.hosts].filter(([, { running }]) => running).map(([name]) => name)
const reach = (id: string, expected: readonly string[]) => expect.poll(() => states(id)).toEqual(expected)

function tellRound(name: string, regret: number): void {
  const round: PolicyRound = {
    at: 1,
    sequence: 1,
    imageCacheBytes: 0,
    imageCacheLimitBytes: 0,
    evictedBytes: 0,
    returnedBytes: 0,
    cpu: { helperRatio: 0 },
    guards: [{ name: 'regret of streams', unit: 'ratio', value: regret, bound: 0.1 }],
    decisions: [],
  }
  bed.hosts.get(name)?.link.options.onRound?.(round)
}

/** Up to the second of three stages. */
async function reachSecondStage(): Promise<string> {
  const id = await start(await addHosts(['a', 'b', 'c']))
  await reach(id, ['running', 'waiting', 'waiting'])
  nowMs += 61_000
  await reach(id, ['running', 'running', 'waiting'])
  return id
}

describe('a roll-out over three hosts', () => {
  it('goes from stage to stage as long as all guards hold, and is done at the end', async () => {
    const id = await reachSecondStage()
    tellRound('b', 0.05)
    nowMs += 61_000
    await reach(id, ['running', 'running', 'running'])
    expect(shown(id).state).toBe('running')
    nowMs += 61_000
    await expect.poll(() => shown(id).state).toBe('done')
    expect(whatRuns()).toEqual(['a', 'b', 'c'])
  })

  it('stops at the second stage where a guard trips, and puts back what it started', async () => {
    const id = await reachSecondStage()
    tellRound('b', 0.4)
    await reach(id, ['restored', 'restored', 'waiting'])
    expect(shown(id)).toMatchObject({ state: 'stopped', stage: 1 })
    expect(shown(id).why).toBe('b: a guard tripped: regret of streams: 0.40, bound 0.10')
    expect(whatRuns()).toEqual([])
    expect(bed.hosts.get('c')?.link.calls).not.toContain('policies/start')
  })

  it('stops where a host disconnects', async () => {
    const id = await reachSecondStage()
    bed.hosts.get('b')?.link.break()
    await reach(id, ['restored', 'unconfirmed', 'waiting'])
    expect(shown(id).why).toMatch(/^b: the connection broke/)
  })

  it('stops where the policy ends by itself on a host', async () => {
    const id = await reachSecondStage()
    const host = bed.hosts.get('a') as PolicyHost
    host.running = false
    await reach(id, ['unconfirmed', 'restored', 'waiting'])
    expect(shown(id).why).toMatch(/^a: the policy has ended there/)
  })

  it('stops where a host refuses the policy', async () => {
    const ids = await addHosts(['a', 'b', 'c'])
    const second = bed.hosts.get('b') as PolicyHost
    second.refusal = new Problem('busy', 'cannot start a policy: process 7 (root) has been running "govern"')
    const id = await start(ids)
    await reach(id, ['running', 'waiting', 'waiting'])
    nowMs += 61_000
    await reach(id, ['restored', 'refused', 'waiting'])
    expect(shown(id).why).toContain('b: cannot start a policy: process 7')
  })

  it('is stopped on request, also once it is done', async () => {
    const id = await reachSecondStage()
    rollouts.stop(id)
    await reach(id, ['restored', 'restored', 'waiting'])
    expect(shown(id).why).toMatch(/ stopped it$/)
    expect(() => rollouts.stop(id)).toThrow(/it has ended/)
    const again = (
      await rollouts.start(
        rolloutPlan.parse({
          hostIds: shown(id).hosts.map(({ hostId }) => hostId),
          policy,
          stages: ['100%'],
          waitSeconds: 1,
        }),
      )
    ).id
    await reach(again, ['running', 'running', 'running'])
    nowMs += 2000
    await expect.poll(() => shown(again).state).toBe('done')
    rollouts.stop(again)
    await expect.poll(() => shown(again).state).toBe('stopped')
    expect(whatRuns()).toEqual([])
  })

  it('goes on after a restart of the workbench, at the stage it had reached', async () => {
    const id = await reachSecondStage()
    await close()
    await open()
    await rollouts.reopen()
    expect(shown(id)).toMatchObject({ state: 'running', stage: 1 })
    bed.fleet.startAll()
    await reach(id, ['running', 'running', 'waiting'])
    expect(whatRuns()).toEqual(['a', 'b'])
    nowMs += 61_000
    await reach(id, ['running', 'running', 'running'])
  })

  it('after a restart waits for hosts, and stops where one does not come', async () => {
    const id = await reachSecondStage()
    const first = shown(id).hosts[0]?.hostId ?? ''
    await close()
    await open()
    await rollouts.reopen()
    await bed.fleet.connect(first, quiet)
    await reach(id, ['running', 'waiting', 'waiting'])
    nowMs += 61_000
    await reach(id, ['restored', 'refused', 'waiting'])
    expect(shown(id).why).toBe('b: it is not connected')
  })
})

describe('on hosts with a service', () => {
  const earlier = rolloutPlan.shape.policy.parse({ scrub: { mode: 'observe' } })
  const runs = () => [...bed.hosts].map(([, { service }]) => service?.policy?.scrub.mode)

  /** `a` and `b` run a policy already, the service of `c` waits for one. Up to the second stage. */
  async function reachSecond(): Promise<string> {
    const ids = await addHosts(['a', 'b', 'c'])
    for (const [name, host] of bed.hosts) host.service = { policy: name === 'c' ? undefined : earlier }
    const id = await start(ids)
    await reach(id, ['running', 'waiting', 'waiting'])
    nowMs += 61_000
    await reach(id, ['running', 'running', 'waiting'])
    return id
  }

  it('brings the policy of before back where a guard trips, and sets none aside', async () => {
    const id = await reachSecond()
    expect(runs()).toEqual(['adaptive', 'adaptive', undefined])
    tellRound('b', 0.4)
    await reach(id, ['restored', 'restored', 'waiting'])
    expect(runs()).toEqual(['observe', 'observe', undefined])
    expect([...bed.hosts.values()].flatMap(({ link }) => link.calls)).not.toContain('policies/stop')
  })

  it('stops the policy where the service had none', async () => {
    const id = await reachSecond()
    nowMs += 61_000
    await reach(id, ['running', 'running', 'running'])
    rollouts.stop(id)
    await reach(id, ['restored', 'restored', 'restored'])
    expect(runs()).toEqual(['observe', 'observe', undefined])
  })

  it('waits for a connection that broke, and counts no time in which it saw nothing', async () => {
    const id = await reachSecond()
    const second = shown(id).hosts[1]?.hostId ?? ''
    bed.hosts.get('b')?.link.break()
    bed.fleet.disconnect(second)
    await expect.poll(() => bed.fleet.find(second).session.link).toBeUndefined()
    nowMs += 50_000
    await expect.poll(() => states(id)).toEqual(['running', 'running', 'waiting'])
    await bed.fleet.connect(second, quiet)
    await expect.poll(() => bed.hosts.get('b')?.link.calls).toContain('policies/status')
    expect(shown(id).state).toBe('running')
    nowMs += 61_000
    await reach(id, ['running', 'running', 'running'])
  })

  it('stops where a connection does not come back', async () => {
    const id = await reachSecond()
    bed.fleet.disconnect(shown(id).hosts[1]?.hostId ?? '')
    await expect.poll(() => shown(id).state).toBe('running')
    // The first look after it begins to wait.
    await new Promise((resolve) => setTimeout(resolve, 50))
    nowMs += 61_000
    await reach(id, ['restored', 'unconfirmed', 'waiting'])
    expect(shown(id).why).toMatch(/^b: the connection broke; the service on this host goes on/)
    expect(runs()).toEqual(['observe', 'adaptive', undefined])
  })

  it('leaves a host to whoever gave its service another policy', async () => {
    const id = await reachSecond()
    const other = rolloutPlan.shape.policy.parse({ scrub: { mode: 'periodic' } })
    const service = bed.hosts.get('b')?.service
    if (service) service.policy = other
    await reach(id, ['restored', 'unconfirmed', 'waiting'])
    expect(shown(id).why).toBe('b: root started another policy there')
    expect(runs()).toEqual(['observe', 'periodic', undefined])
  })

  it('goes on with services over a restart of the workbench, and can still undo it', async () => {
    const id = await reachSecond()
    nowMs += 61_000
    await reach(id, ['running', 'running', 'running'])
    nowMs += 61_000
    await expect.poll(() => shown(id).state).toBe('done')
    await close()
    await open()
    await rollouts.reopen()
    bed.fleet.startAll()
    await expect.poll(() => bed.hosts.get('c')?.link.calls).toContain('policies/status')
    expect([...bed.hosts.values()].flatMap(({ link }) => link.calls)).not.toContain('policies/start')
    expect([shown(id).state, ...states(id)]).toEqual(['done', 'running', 'running', 'running'])
    rollouts.stop(id)
    await reach(id, ['restored', 'restored', 'restored'])
    expect(runs()).toEqual(['observe', 'observe', undefined])
  })
})

describe('before anything starts', () => {
  it('hosts that cannot take part are all named', async () => {
    const [allowed = ''] = await addHosts(['a'])
    const observed = await addHosts(['b', 'c'], 'observe')
    await expect(start([allowed, ...observed])).rejects.toMatchObject({
      code: 'read-only',
      message: 'cannot roll out a policy: b is in observe mode; c is in observe mode',
    })
    expect(rollouts.list()).toEqual([])
    expect([...bed.hosts.values()].flatMap(({ link }) => link.calls)).not.toContain('policies/start')
  })

  it('a host that is offline or takes part in another roll-out is named', async () => {
    const ids = await addHosts(['a', 'b'])
    bed.fleet.disconnect(ids[1] ?? '')
    await expect(start(ids)).rejects.toThrow(/b is not connected/)
    await start(ids.slice(0, 1))
    await expect(start(ids.slice(0, 1))).rejects.toMatchObject({ code: 'busy' })
  })

  it('its state is on the disk, readable for its owner', async () => {
    const id = await start(await addHosts(['a']))
    expect(JSON.parse(readFileSync(join(folder, 'rollouts.json'), 'utf8')).rollouts).toMatchObject([{ id }])
  })
})

describe('a second workbench with the same data', () => {
  const writeKeeper = (keeper: object) => {
    const path = join(folder, 'rollouts.json')
    writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), keeper }))
  }

  it('leaves the roll-outs to the first one while that runs', async () => {
    const id = await reachSecondStage()
    await close()
    const first = spawn('sleep', ['60'])
    try {
      writeKeeper((await findKeeper(first.pid)) ?? {})
      await open()
      await rollouts.reopen()
      expect(shown(id)).toMatchObject({ state: 'running', stage: 1 })
      expect(() => rollouts.stop(id)).toThrow(/it has ended/)
      await expect(start(shown(id).hosts.map(({ hostId }) => hostId))).rejects.toMatchObject({ code: 'busy' })
      writeKeeper({ pid: first.pid, startTicks: '1' })
      await rollouts.close()
      rollouts = openRollouts()
      await rollouts.reopen()
      expect(() => rollouts.stop(id)).not.toThrow()
    } finally {
      first.kill()
    }
  })
})

it('sets a file aside that does not parse, and says so', async () => {
  writeFileSync(join(folder, 'rollouts.json'), '{"version":1,"rollouts":[{}]}')
  const problems: Problem[] = []
  await rollouts.close()
  rollouts = openRollouts((problem) => problems.push(problem) as never)
  await rollouts.reopen()
  expect(problems.map(({ code }) => code)).toEqual(['bad-input'])
  expect(rollouts.list()).toEqual([])
})
