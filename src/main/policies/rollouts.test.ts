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
    bed.nowMs += 61_000
    await bed.reach(id, ['running', 'running', 'running'])
    expect(bed.shown(id).state).toBe('running')
    bed.nowMs += 61_000
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

  it('stops where a host refuses the policy', async () => {
    const ids = await bed.addHosts(['a', 'b', 'c'])
    const second = bed.hosts.get('b') as PolicyHost
    second.refusal = new Problem('busy', 'cannot start a policy: process 7 (root) has been running "govern"')
    const id = await bed.start(ids)
    await bed.reach(id, ['running', 'waiting', 'waiting'])
    bed.nowMs += 61_000
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
    bed.nowMs += 2000
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
    bed.nowMs += 61_000
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
    bed.nowMs += 61_000
    await bed.reach(id, ['restored', 'refused', 'waiting'])
    expect(bed.shown(id).why).toBe('b: it is not connected')
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

  it('leaves the roll-outs to the first one while that runs', async () => {
    const id = await bed.reachSecondStage()
    await bed.close()
    const first = spawn('sleep', ['60'])
    try {
      writeKeeper((await findKeeper(first.pid)) ?? {})
      await bed.open()
      await bed.rollouts.reopen()
      expect(bed.shown(id)).toMatchObject({ state: 'running', stage: 1 })
      expect(() => bed.rollouts.stop(id)).toThrow(/it has ended/)
      await expect(bed.start(bed.shown(id).hosts.map(({ hostId }) => hostId))).rejects.toMatchObject({
        code: 'busy',
      })
      writeKeeper({ pid: first.pid, startTicks: '1' })
      await bed.rollouts.close()
      bed.rollouts = bed.openRollouts()
      await bed.rollouts.reopen()
      expect(() => bed.rollouts.stop(id)).not.toThrow()
    } finally {
      first.kill()
    }
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
