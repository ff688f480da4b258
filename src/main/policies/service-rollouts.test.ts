import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { quiet } from '../../../test/fakes/quiet.ts'
import { RolloutBed } from '../../../test/fakes/rollout-bed.ts'
import { rolloutPlan } from '../../shared/contract/index.ts'

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
    bed.nowMs += 61_000
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
    bed.nowMs += 61_000
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
    bed.nowMs += 61_000
    await bed.reach(id, ['running', 'running', 'running'])
  })

  it('stops where a connection does not come back', async () => {
    const id = await reachSecond()
    bed.fleet.disconnect(bed.shown(id).hosts[1]?.hostId ?? '')
    await expect.poll(() => bed.shown(id).state).toBe('running')
    // The first look after it begins to wait.
    await new Promise((resolve) => setTimeout(resolve, 50))
    bed.nowMs += 61_000
    await bed.reach(id, ['restored', 'unconfirmed', 'waiting'])
    expect(bed.shown(id).why).toMatch(/^b: the connection broke; the service on this host goes on/)
    expect(runs()).toEqual(['observe', 'adaptive', undefined])
  })

  it('leaves a host to whoever gave its service another policy', async () => {
    const id = await reachSecond()
    const other = rolloutPlan.shape.policy.parse({ scrub: { mode: 'periodic' } })
    const service = bed.hosts.get('b')?.service
    if (service) service.policy = other
    await bed.reach(id, ['restored', 'unconfirmed', 'waiting'])
    expect(bed.shown(id).why).toBe('b: root started another policy there')
    expect(runs()).toEqual(['observe', 'periodic', undefined])
  })

  it('goes on with services over a restart of the workbench, and can still undo it', async () => {
    const id = await reachSecond()
    bed.nowMs += 61_000
    await bed.reach(id, ['running', 'running', 'running'])
    bed.nowMs += 61_000
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
})
