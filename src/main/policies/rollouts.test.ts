import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { PolicyHost } from '../../../test/fakes/policy-hosts.ts'
import { quiet } from '../../../test/fakes/quiet.ts'
import { policy, RolloutBed } from '../../../test/fakes/rollout-bed.ts'
import { rolloutPlan } from '../../shared/contract/index.ts'
import { Problem } from '../../shared/problem.ts'
import { findKeeper } from '../state-files/keeper.ts'

let bed: RolloutBed

beforeEach(async () => {
  bed = await RolloutBed.open()
})
afterEach(() => bed.end())

describe('a roll-out over three hosts', () => {
  it('goes from stage to stage as long as all guards hold, and is done at the end', async () => {
    const id = await bed.reachSecondStage()
    bed.tellRound('b', 0.05)
    await bed.pass()
    await bed.reach(id, ['running', 'running', 'running'])
    expect(bed.shown(id).state).toBe('running')
    await bed.pass()
    await expect.poll(() => bed.shown(id).state).toBe('done')
    expect(bed.whatRuns()).toEqual(['a', 'b', 'c'])
  })

  it('stops at the second stage where a guard trips, and puts back what it started', async () => {
    const id = await bed.reachSecondStage()
    bed.tellRound('b', 0.4)
    await bed.reach(id, ['restored', 'restored', 'waiting'])
    expect(bed.shown(id)).toMatchObject({ state: 'stopped', stage: 1 })
    expect(bed.shown(id).why).toBe('b: a guard tripped: regret of streams: 0.40, bound 0.10')
    expect(bed.whatRuns()).toEqual([])
    expect(bed.hosts.get('c')?.link.calls).not.toContain('policies/start')
  })

  it('stops where a host disconnects', async () => {
    const id = await bed.reachSecondStage()
    bed.hosts.get('b')?.link.break()
    await bed.reach(id, ['restored', 'unconfirmed', 'waiting'])
    expect(bed.shown(id).why).toMatch(/^b: the connection broke/)
  })

  it('stops where the policy ends by itself on a host', async () => {
    const id = await bed.reachSecondStage()
    const host = bed.hosts.get('a') as PolicyHost
    host.running = false
    await bed.reach(id, ['unconfirmed', 'restored', 'waiting'])
    expect(bed.shown(id).why).toMatch(/^a: the policy has ended there/)
  })

  it('has its hosts to itself, also where two are started at one moment', async () => {
    const ids = await bed.addHosts(['a', 'b', 'c'])
    const outcomes = await Promise.allSettled([bed.start(ids), bed.start(ids)])
    expect(outcomes).toMatchObject([
      { status: 'fulfilled' },
      { reason: { code: 'busy', message: expect.stringContaining('a takes part in another roll-out') } },
    ])
    expect(bed.rollouts.list()).toHaveLength(1)
  })

  it('are left alone, and none is begun, where a newer workbench has written them', async () => {
    const ids = await bed.addHosts(['a'])
    await bed.start(ids)
    await bed.rollouts.close()
    const path = join(bed.folder, 'rollouts.json')
    const newer = readFileSync(path, 'utf8').replaceAll('"adaptive"', '"adaptive", "unheardOf": true')
    expect(newer).toContain('unheardOf')
    writeFileSync(path, newer)
    const problems: string[] = []
    bed.rollouts = bed.openRollouts(({ message }) => problems.push(message))
    await bed.rollouts.reopen()
    const said = `cannot use ${path}: a newer workbench has written it`
    await expect(bed.start(ids)).rejects.toMatchObject({ code: 'not-supported', message: said })
    await bed.rollouts.close()
    expect(readFileSync(path, 'utf8')).toBe(newer)
    expect(problems).toEqual([said])
  })

  it('stops where a host refuses the policy', async () => {
    const ids = await bed.addHosts(['a', 'b', 'c'])
    const second = bed.hosts.get('b') as PolicyHost
    second.refusal = new Problem('busy', 'cannot start a policy: process 7 (root) has been running "govern"')
    const id = await bed.start(ids)
    await bed.reach(id, ['running', 'waiting', 'waiting'])
    await bed.pass()
    await bed.reach(id, ['restored', 'refused', 'waiting'])
    expect(bed.shown(id).why).toContain('b: cannot start a policy: process 7')
  })

  it('is stopped on request, also once it is done', async () => {
    const id = await bed.reachSecondStage()
    bed.rollouts.stop(id)
    await bed.reach(id, ['restored', 'restored', 'waiting'])
    expect(bed.shown(id).why).toMatch(/ stopped it$/)
    expect(() => bed.rollouts.stop(id)).toThrow(/it has ended/)
    const again = (
      await bed.rollouts.start(
        rolloutPlan.parse({
          hostIds: bed.shown(id).hosts.map(({ hostId }) => hostId),
          policy,
          stages: ['100%'],
          waitSeconds: 1,
        }),
      )
    ).id
    await bed.reach(again, ['running', 'running', 'running'])
    await bed.pass(2)
    await expect.poll(() => bed.shown(again).state).toBe('done')
    bed.rollouts.stop(again)
    await expect.poll(() => bed.shown(again).state).toBe('stopped')
    expect(bed.whatRuns()).toEqual([])
  })

  it('goes on after a restart of the workbench, at the stage it had reached', async () => {
    const id = await bed.reachSecondStage()
    await bed.close()
    await bed.open()
    await bed.rollouts.reopen()
    expect(bed.shown(id)).toMatchObject({ state: 'running', stage: 1 })
    bed.fleet.startAll()
    await bed.reach(id, ['running', 'running', 'waiting'])
    expect(bed.whatRuns()).toEqual(['a', 'b'])
    await bed.pass()
    await bed.reach(id, ['running', 'running', 'running'])
  })

  it('after a restart waits for hosts, and stops where one does not come', async () => {
    const id = await bed.reachSecondStage()
    const first = bed.shown(id).hosts[0]?.hostId ?? ''
    await bed.close()
    await bed.open()
    await bed.rollouts.reopen()
    await bed.fleet.connect(first, quiet)
    await bed.reach(id, ['running', 'waiting', 'waiting'])
    await bed.reachInMinutes(id, ['restored', 'refused', 'waiting'])
    expect(bed.shown(id).why).toBe('b: it is not connected')
  })
})

describe('a start of which nobody heard', () => {
  const lost = () => new Problem('timed-out', 'cannot start a policy: no answer')

  it('is looked for: a policy that runs takes part', async () => {
    const ids = await bed.addHosts(['a', 'b', 'c'])
    const first = bed.hosts.get('a') as PolicyHost
    first.lostAnswer = lost()
    const id = await bed.start(ids)
    await bed.reach(id, ['running', 'waiting', 'waiting'])
    bed.tellRound('a', 0.4)
    await bed.reach(id, ['restored', 'waiting', 'waiting'])
    expect(bed.whatRuns()).toEqual([])
  })

  it('is looked for: one that does not run was refused', async () => {
    const ids = await bed.addHosts(['a', 'b', 'c'])
    const first = bed.hosts.get('a') as PolicyHost
    first.refusal = lost()
    const id = await bed.start(ids)
    await bed.reach(id, ['refused', 'waiting', 'waiting'])
    expect(bed.shown(id).why).toBe('a: cannot start a policy: no answer')
  })

  it('is said to be unknown where the host does not come back', async () => {
    const ids = await bed.addHosts(['a', 'b', 'c'])
    const first = bed.hosts.get('a') as PolicyHost
    first.onStart = async () => {
      bed.fleet.disconnect(ids[0] ?? '')
      throw lost()
    }
    const id = await bed.start(ids)
    await bed.reach(id, ['starting', 'waiting', 'waiting'])
    await bed.reachInMinutes(id, ['unconfirmed', 'waiting', 'waiting'])
    expect(bed.shown(id).why).toMatch(/^a: whether it was started there cannot be asked/)
  })
})

describe('a stage', () => {
  it('waits while a host tells no figures, and says so', async () => {
    const ids = await bed.addHosts(['a', 'b', 'c'])
    const first = bed.hosts.get('a') as PolicyHost
    first.silent = true
    const id = await bed.start(ids)
    await bed.reach(id, ['running', 'waiting', 'waiting'])
    bed.nowMs += 61_000
    await expect.poll(() => bed.shown(id).hosts[0]?.detail).toMatch(/it tells no figures/)
    expect([bed.shown(id).heldSeconds, ...bed.states(id)]).toEqual([0, 'running', 'waiting', 'waiting'])
    first.silent = false
    await expect.poll(() => bed.shown(id).hosts[0]?.detail).toBeUndefined()
    await bed.pass()
    await bed.reach(id, ['running', 'running', 'waiting'])
  })

  it('waits while a host does not answer, and stops where it answers with a problem', async () => {
    const id = await bed.reachSecondStage()
    const second = bed.hosts.get('b') as PolicyHost
    let problem = new Problem('timed-out', 'no answer')
    second.onStatus = () => {
      throw problem
    }
    await expect.poll(() => bed.shown(id).hosts[1]?.detail).toBe('it does not answer: no answer')
    bed.nowMs += 50_000
    expect(bed.states(id)).toEqual(['running', 'running', 'waiting'])
    problem = new Problem('system', 'cannot look: EIO')
    await expect.poll(() => bed.shown(id).why).toBe('b: cannot look: EIO')
  })
})

describe('before anything starts', () => {
  it('hosts that cannot take part are all named', async () => {
    const [allowed = ''] = await bed.addHosts(['a'])
    const observed = await bed.addHosts(['b', 'c'], 'observe')
    await expect(bed.start([allowed, ...observed])).rejects.toMatchObject({
      code: 'read-only',
      message: 'cannot roll out a policy: b is in observe mode; c is in observe mode',
    })
    expect(bed.rollouts.list()).toEqual([])
    expect([...bed.hosts.values()].flatMap(({ link }) => link.calls)).not.toContain('policies/start')
  })

  it('a host that is offline or takes part in another roll-out is named', async () => {
    const ids = await bed.addHosts(['a', 'b'])
    bed.fleet.disconnect(ids[1] ?? '')
    await expect(bed.start(ids)).rejects.toThrow(/b is not connected/)
    await bed.start(ids.slice(0, 1))
    await expect(bed.start(ids.slice(0, 1))).rejects.toMatchObject({ code: 'busy' })
  })

  it('its state is on the disk, readable for its owner', async () => {
    const id = await bed.start(await bed.addHosts(['a']))
    expect(JSON.parse(readFileSync(join(bed.folder, 'rollouts.json'), 'utf8')).rollouts).toMatchObject([
      { id },
    ])
  })
})

describe('a second workbench with the same data', () => {
  const writeKeeper = (keeper: object) => {
    const path = join(bed.folder, 'rollouts.json')
    writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), keeper }))
  }

  it('leaves the roll-outs to the first one while that runs, and goes on with them once it does not', async () => {
    const id = await bed.reachSecondStage()
    await bed.close()
    const first = spawn('sleep', ['60'])
    try {
      writeKeeper((await findKeeper(first.pid)) ?? {})
      await bed.open()
      await bed.rollouts.reopen()
      expect(bed.shown(id)).toMatchObject({ state: 'running', stage: 1 })
      expect(() => bed.rollouts.stop(id)).toThrow(/another workbench with the same data goes on with it/)
      await expect(bed.start(bed.shown(id).hosts.map(({ hostId }) => hostId))).rejects.toMatchObject({
        code: 'busy',
      })
      // It crashed, and its number was given out again.
      writeKeeper({ pid: first.pid, startTicks: '1' })
      await expect.poll(() => bed.states(id)).toEqual(['waiting', 'waiting', 'waiting'])
      expect(() => bed.rollouts.stop(id)).not.toThrow()
    } finally {
      first.kill()
    }
  })

  it('goes on at once with those of one that was closed, though its process lives', async () => {
    await bed.reachSecondStage()
    await bed.close()
    expect(JSON.parse(readFileSync(join(bed.folder, 'rollouts.json'), 'utf8')).keeper).toBeUndefined()
    await bed.open()
    await bed.rollouts.reopen()
    expect(JSON.parse(readFileSync(join(bed.folder, 'rollouts.json'), 'utf8')).keeper.pid).toBe(process.pid)
  })
})

it('sets a file aside that does not parse, and says so', async () => {
  writeFileSync(join(bed.folder, 'rollouts.json'), '{"version":1,"rollouts":[{}]}')
  const problems: Problem[] = []
  await bed.rollouts.close()
  bed.rollouts = bed.openRollouts((problem) => problems.push(problem) as never)
  await bed.rollouts.reopen()
  expect(problems.map(({ code }) => code)).toEqual(['bad-input'])
  expect(bed.rollouts.list()).toEqual([])
})
