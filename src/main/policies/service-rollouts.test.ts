import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { PolicyHost } from '../../../test/fakes/policy-hosts.ts'
import { quiet } from '../../../test/fakes/quiet.ts'
import { RolloutBed } from '../../../test/fakes/rollout-bed.ts'
import { rolloutPlan } from '../../shared/contract/index.ts'
import type { Problem } from '../../shared/problem.ts'

let bed: RolloutBed

beforeEach(async () => {
  bed = await RolloutBed.open()
})
afterEach(() => bed.end())

describe('on hosts with a service', () => {
  const earlier = rolloutPlan.shape.policy.parse({ scrub: { mode: 'observe' } })
  const runs = () => [...bed.hosts].map(([, { service }]) => service?.policy?.scrub.mode)

  /** `a` and `b` run a policy already, the service of `c` waits for one. Up to the second stage. */
  async function reachSecond(): Promise<string> {
    const ids = await bed.addHosts(['a', 'b', 'c'])
    for (const [name, host] of bed.hosts) host.service = { policy: name === 'c' ? undefined : earlier }
    const id = await bed.start(ids)
    await bed.reach(id, ['running', 'waiting', 'waiting'])
    await bed.pass()
    await bed.reach(id, ['running', 'running', 'waiting'])
    return id
  }

  it('brings the policy of before back where a guard trips, and sets none aside', async () => {
    const id = await reachSecond()
    expect(runs()).toEqual(['adaptive', 'adaptive', undefined])
    bed.tellRound('b', 0.4)
    await bed.reach(id, ['restored', 'restored', 'waiting'])
    expect(runs()).toEqual(['observe', 'observe', undefined])
    expect([...bed.hosts.values()].flatMap(({ link }) => link.calls)).not.toContain('policies/stop')
  })

  it('stops the policy where the service had none', async () => {
    const id = await reachSecond()
    await bed.pass()
    await bed.reach(id, ['running', 'running', 'running'])
    bed.rollouts.stop(id)
    await bed.reach(id, ['restored', 'restored', 'restored'])
    expect(runs()).toEqual(['observe', 'observe', undefined])
  })

  it('waits for a connection that broke, and counts no time in which it saw nothing', async () => {
    const id = await reachSecond()
    const second = bed.shown(id).hosts[1]?.hostId ?? ''
    bed.hosts.get('b')?.link.break()
    bed.fleet.disconnect(second)
    await expect.poll(() => bed.fleet.find(second).session.link).toBeUndefined()
    bed.nowMs += 50_000
    await expect.poll(() => bed.states(id)).toEqual(['running', 'running', 'waiting'])
    await bed.fleet.connect(second, quiet)
    await expect.poll(() => bed.hosts.get('b')?.link.calls).toContain('policies/status')
    expect(bed.shown(id).state).toBe('running')
    await bed.pass()
    await bed.reach(id, ['running', 'running', 'running'])
  })

  it('stops where a connection does not come back', async () => {
    const id = await reachSecond()
    bed.fleet.disconnect(bed.shown(id).hosts[1]?.hostId ?? '')
    await expect.poll(() => bed.shown(id).state).toBe('running')
    await bed.reachInMinutes(id, ['restored', 'unconfirmed', 'waiting'])
    expect(bed.shown(id).why).toMatch(/^b: the connection broke; the service on this host goes on/)
    expect(runs()).toEqual(['observe', 'adaptive', undefined])
  })

  it('leaves a host to whoever gave its service another policy', async () => {
    const id = await reachSecond()
    const other = rolloutPlan.shape.policy.parse({ scrub: { mode: 'periodic' } })
    const service = bed.hosts.get('b')?.service
    if (service) service.policy = other
    await bed.reach(id, ['restored', 'replaced', 'waiting'])
    expect(bed.shown(id).why).toBe('b: root started another policy there')
    expect(runs()).toEqual(['observe', 'periodic', undefined])
  })

  it('replaces no policy that it has not seen run, and so could not put back', async () => {
    const ids = await bed.addHosts(['a', 'b'])
    for (const host of bed.hosts.values()) host.service = { policy: earlier, waits: true }
    const id = await bed.start(ids)
    await bed.reach(id, ['refused', 'waiting'])
    expect(bed.shown(id).why).toBe('a: cannot start the policy: the service has another one')
    expect(runs()).toEqual(['observe', 'observe'])
  })

  it('goes on with services over a restart of the workbench, and can still undo it', async () => {
    const id = await reachSecond()
    await bed.pass()
    await bed.reach(id, ['running', 'running', 'running'])
    await bed.pass()
    await expect.poll(() => bed.shown(id).state).toBe('done')
    await bed.close()
    await bed.open()
    await bed.rollouts.reopen()
    bed.fleet.startAll()
    await expect.poll(() => bed.hosts.get('c')?.link.calls).toContain('policies/status')
    expect([...bed.hosts.values()].flatMap(({ link }) => link.calls)).not.toContain('policies/start')
    expect([bed.shown(id).state, ...bed.states(id)]).toEqual(['done', 'running', 'running', 'running'])
    bed.rollouts.stop(id)
    await bed.reach(id, ['restored', 'restored', 'restored'])
    expect(runs()).toEqual(['observe', 'observe', undefined])
  })

  it('leaves alone what somebody started, or stopped, since it was done', async () => {
    const id = await reachSecond()
    await bed.pass()
    await bed.reach(id, ['running', 'running', 'running'])
    await bed.pass()
    await expect.poll(() => bed.shown(id).state).toBe('done')
    const other = rolloutPlan.shape.policy.parse({ scrub: { mode: 'periodic' } })
    // Between the last look and the stop.
    bed.rollouts.stop(id)
    const [first, second] = [bed.hosts.get('a')?.service, bed.hosts.get('b')?.service]
    if (first) first.policy = other
    if (second) second.policy = undefined
    await bed.reach(id, ['replaced', 'replaced', 'restored'])
    expect(bed.shown(id).hosts.map(({ detail }) => detail)).toEqual([
      expect.stringMatching(/^root started another policy there/),
      expect.stringMatching(/ended there|somebody stopped the policy there/),
      undefined,
    ])
    expect(runs()).toEqual(['periodic', undefined, undefined])
  })

  it('has what stood before on the disk before it starts, and keeps it over a workbench that is killed', async () => {
    const ids = await bed.addHosts(['a'])
    const host = bed.hosts.get('a') as PolicyHost
    host.service = { policy: earlier }
    let onDisk: unknown
    host.onStart = () => {
      onDisk = JSON.parse(readFileSync(join(bed.folder, 'rollouts.json'), 'utf8')).rollouts[0].hosts[0]
      // The answer never comes: the workbench is killed at this moment.
      return new Promise(() => undefined)
    }
    const id = await bed.start(ids)
    await expect.poll(() => onDisk).toMatchObject({ state: 'starting', goesBack: true, before: earlier })
    const file = readFileSync(join(bed.folder, 'rollouts.json'))
    await bed.close()
    writeFileSync(join(bed.folder, 'rollouts.json'), file)
    await bed.open()
    await bed.rollouts.reopen()
    bed.fleet.startAll()
    await bed.reach(id, ['running'])
    expect(bed.hosts.get('a')?.link.calls).not.toContain('policies/start')
    bed.rollouts.stop(id)
    await bed.reach(id, ['restored'])
    expect(runs()).toEqual(['observe'])
  })

  it('starts nothing where what stood before cannot be written down', async () => {
    const ids = await bed.addHosts(['a'])
    const host = bed.hosts.get('a') as PolicyHost
    host.service = { policy: earlier }
    await bed.rollouts.close()
    const problems: Problem[] = []
    bed.rollouts = bed.openRollouts((problem) => problems.push(problem) as never)
    host.onStatus = () => {
      rmSync(bed.folder, { recursive: true })
      writeFileSync(bed.folder, 'in the way')
    }
    const id = await bed.start(ids)
    await bed.reach(id, ['refused'])
    expect(runs()).toEqual(['observe'])
    expect(bed.shown(id).why).toMatch(/^a: cannot save /)
  })
})
