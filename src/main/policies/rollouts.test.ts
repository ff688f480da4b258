import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FakeLink } from '../../../test/fakes/fake-link.ts'
import {
  type PolicyRound,
  type PolicyStatus,
  type Rollout,
  rolloutPlan,
} from '../../shared/contract/index.ts'
import { Problem } from '../../shared/problem.ts'
import { Announcer } from '../announcer.ts'
import { openAuditTrail } from '../audit/audit-trail.ts'
import { HostAudit } from '../audit/host-audit.ts'
import { keepNoHistory } from '../history/no-history.ts'
import { ConnectingSlots } from '../hosts/connecting-slots.ts'
import { Fleet } from '../hosts/fleet.ts'
import { PromptBoard } from '../hosts/prompt-board.ts'
import { openHostsFile } from '../hosts/saved-hosts.ts'
import { TaskBoard } from '../hosts/task-board.ts'
import { Rollouts } from './rollouts.ts'

const quiet = { signal: new AbortController().signal, reportProgress: () => undefined }
const policy = rolloutPlan.shape.policy.parse({ scrub: { mode: 'adaptive' } })

/** A host of the test: what runs on it, and how it answers. */
interface Host {
  link: FakeLink
  running: boolean
  refusal?: Problem
}

let folder: string
let hosts: Map<string, Host>
let fleet: Fleet
let announcer: Announcer
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

/** As a workbench is opened: every host connects anew, and runs nothing. */
async function open(): Promise<void> {
  hosts = new Map()
  announcer = new Announcer()
  fleet = new Fleet({
    uninstall: async () => ({ removed: [], kept: [], unreached: [], running: [] }),
    openLink: async (options) => {
      const host: Host = {
        running: false,
        link: new FakeLink(
          options,
          answersOf(() => host),
        ),
      }
      hosts.set(options.address, host)
      return host.link
    },
    environment: { home: folder, helperDirectory: folder },
    slots: new ConnectingSlots(8),
    announcer,
    prompts: new PromptBoard(announcer.announce),
    tasks: new TaskBoard(announcer.announce),
    history: keepNoHistory(),
    audit: new HostAudit(openAuditTrail(folder), announcer.announce, 'test'),
    store: await openHostsFile(folder, fail),
  })
  rollouts = openRollouts()
}

function openRollouts(onProblem = fail): Rollouts {
  const times = { nowMs: () => nowMs, tickMs: 2, patienceMs: 60_000, askEveryMs: 0 }
  return new Rollouts({ fleet, announcer, dataDirectory: folder, onProblem, ...times })
}

async function close(): Promise<void> {
  await rollouts.close()
  await fleet.close()
}

function fail(problem: Problem): never {
  throw problem
}

function answersOf(host: () => Host) {
  const status = (): PolicyStatus =>
    host().running
      ? { run: { policy, mode: 'session', since: 1, who: 'root', from: 'test', rounds: [] } }
      : {}
  return {
    'policies/start': () => {
      const { refusal } = host()
      if (refusal) throw refusal
      host().running = true
      return status()
    },
    'policies/stop': () => {
      host().running = false
      return status()
    },
    'policies/status': status,
  }
}

async function addHosts(names: readonly string[], mode: 'change' | 'observe' = 'change'): Promise<string[]> {
  const { added } = await fleet.addAll(names.map((address) => ({ address, mode })))
  for (const { id } of added) await fleet.connect(id, quiet)
  return added.map(({ id }) => id)
}

async function start(hostIds: readonly string[]): Promise<string> {
  const plan = { hostIds, policy, stages: ['1', '50%', '100%'], waitSeconds: 60 }
  return (await rollouts.start(rolloutPlan.parse(plan))).id
}

const shown = (id: string): Rollout => rollouts.list().find((one) => one.id === id) as Rollout
const states = (id: string) => shown(id).hosts.map(({ state }) => state)
const whatRuns = () => [...hosts].filter(([, { running }]) => running).map(([name]) => name)
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
  hosts.get(name)?.link.options.onRound?.(round)
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
    expect(hosts.get('c')?.link.calls).not.toContain('policies/start')
  })

  it('stops where a host disconnects', async () => {
    const id = await reachSecondStage()
    hosts.get('b')?.link.break()
    await reach(id, ['restored', 'unconfirmed', 'waiting'])
    expect(shown(id).why).toMatch(/^b: the connection broke/)
  })

  it('stops where the policy ends by itself on a host', async () => {
    const id = await reachSecondStage()
    const host = hosts.get('a') as Host
    host.running = false
    await reach(id, ['unconfirmed', 'restored', 'waiting'])
    expect(shown(id).why).toMatch(/^a: the policy has ended there/)
  })

  it('stops where a host refuses the policy', async () => {
    const ids = await addHosts(['a', 'b', 'c'])
    const second = hosts.get('b') as Host
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
    fleet.startAll()
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
    await fleet.connect(first, quiet)
    await reach(id, ['running', 'waiting', 'waiting'])
    nowMs += 61_000
    await reach(id, ['restored', 'refused', 'waiting'])
    expect(shown(id).why).toBe('b: it is not connected')
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
    expect([...hosts.values()].flatMap(({ link }) => link.calls)).not.toContain('policies/start')
  })

  it('a host that is offline or takes part in another roll-out is named', async () => {
    const ids = await addHosts(['a', 'b'])
    fleet.disconnect(ids[1] ?? '')
    await expect(start(ids)).rejects.toThrow(/b is not connected/)
    await start(ids.slice(0, 1))
    await expect(start(ids.slice(0, 1))).rejects.toMatchObject({ code: 'busy' })
  })

  it('its state is on the disk, readable for its owner', async () => {
    const id = await start(await addHosts(['a']))
    expect(JSON.parse(readFileSync(join(folder, 'rollouts.json'), 'utf8')).rollouts).toMatchObject([{ id }])
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
