// A policy rolled out by the real command line and workbench over three hosts with real helpers.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ensureHelper } from '../../scripts/built-parts.mjs'
import type { Workbench } from '../../src/main/workbench.ts'
import { type Rollout, rollout, rolloutPlan } from '../../src/shared/contract/index.ts'
import { runOver } from '../beds/sshd/connect.ts'
import { type OwnStateHosts, startOwnStateHosts } from '../beds/sshd/own-state-hosts.ts'
import type { Sshd } from '../beds/sshd/start-sshd.ts'
import { quiet } from '../fakes/quiet.ts'
import { openWorkbench } from '../open-workbench.ts'
import { runCli } from '../run-cli.ts'

const root = join(import.meta.dirname, '../..')
const names = ['alpha', 'beta', 'gamma'] as const
const policy = rolloutPlan.shape.policy.parse({ scrub: { mode: 'adaptive' } })
const withinMs = 60_000

/** By their ids, and only those that this host's namespace shows. */
const killHelpers =
  'for p in /proc/[0-9]*; do case "$(readlink $p/exe)" in *singleton*) kill -KILL "$(basename $p)";; esac; done'

let folder: string
let hosts: OwnStateHosts

beforeAll(async () => {
  await ensureHelper(root, process.execPath, process.env)
  folder = mkdtempSync(join(tmpdir(), 'singleton-rollout-'))
  writeFileSync(join(folder, 'policy.json'), JSON.stringify(policy))
  hosts = await startOwnStateHosts(names)
})
afterAll(async () => {
  await hosts?.stop()
  rmSync(folder, { recursive: true, force: true })
})

describe('policy rollout', () => {
  it('goes through its stages, answers 0, and has put everything back at its end', async () => {
    const policyPath = join(folder, 'policy.json')
    const options = [
      '--policy',
      policyPath,
      '--stages',
      '1,50%,100%',
      '--wait',
      '1s',
      '--for',
      '2s',
      '--json',
    ]
    const { code, stdout, stderr } = await runCli(hosts.home.path, [
      'policy',
      'rollout',
      ...names,
      ...options,
    ])
    expect(code, stderr).toBe(0)
    const { succeeded, ...shown } = JSON.parse(stdout) as Rollout & { succeeded: boolean }
    expect(succeeded).toBe(true)
    expect(rollout.parse(shown).hosts.map(({ name, stage, state }) => [name, stage, state])).toEqual([
      ['alpha', 0, 'restored'],
      ['beta', 1, 'restored'],
      ['gamma', 2, 'restored'],
    ])
    for (const name of names) expect(hosts.auditOf(name)).toEqual(['policy start', 'policy stop'])
  })

  it('answers 1 and changes nothing where a host cannot be connected', async () => {
    const { code, stderr } = await runCli(hosts.home.path, [
      'policy',
      'rollout',
      'alpha',
      'root@127.0.0.1:1',
      '--wait',
      '1s',
    ])
    expect([code, stderr]).toEqual([1, expect.stringContaining('root@127.0.0.1:1 cannot be connected')])
    expect(hosts.auditOf('alpha')).toHaveLength(2)
  })

  it('answers 2 for stages that leave hosts out', async () => {
    const { code, stderr } = await runCli(hosts.home.path, [
      'policy',
      'rollout',
      ...names,
      '--stages',
      '1,50%',
    ])
    expect([code, stderr]).toEqual([2, expect.stringContaining('the last stage is 2 of 3 hosts')])
  })
})

describe('a roll-out of the workbench', () => {
  let workbench: Workbench
  const ids = new Map<string, string>()

  beforeAll(async () => {
    workbench = await openWorkbench(hosts.home.path, { dataDirectory: join(folder, 'data') })
    const given = names.map((name) => ({ address: name, name }))
    const { added } = await workbench.handlers['hosts/add-all']({ hosts: given }, quiet)
    for (const { id, name } of added) ids.set(name, id)
  })
  afterAll(() => workbench?.close())

  const idsOf = (which: readonly string[]) => which.map((name) => ids.get(name) ?? '')
  const plan = () =>
    rolloutPlan.parse({ hostIds: idsOf(names), policy, stages: ['1', '50%', '100%'], waitSeconds: 2 })
  const shown = async (id: string) => {
    const { rollouts } = await workbench.handlers['rollouts/list']({}, quiet)
    return rollouts.find((one) => one.id === id) as Rollout
  }
  const states = async (id: string) => (await shown(id)).hosts.map(({ state }) => state)
  const allow = async (which: readonly string[]) => {
    for (const hostId of idsOf(which)) {
      await workbench.handlers['hosts/set-mode']({ hostId, mode: 'change' }, quiet)
      await workbench.handlers['hosts/connect']({ hostId }, quiet)
    }
  }

  it('names the hosts in observe mode, before anything starts', async () => {
    await allow(['alpha'])
    await expect(workbench.handlers['rollouts/start'](plan(), quiet)).rejects.toMatchObject({
      code: 'read-only',
      message: 'cannot roll out a policy: beta is in observe mode; gamma is in observe mode',
    })
    expect(hosts.auditOf('alpha')).toHaveLength(2)
  })

  it('rests on a host whose clock is outside its windows, and says until when', async () => {
    const [hostId = ''] = idsOf(['alpha'])
    const now = new Date().getHours()
    const hour = (later: number) => `${String((now + later) % 24).padStart(2, '0')}:00`
    const schedule = rolloutPlan.shape.policy.parse({
      schedule: { windows: [{ from: hour(3), to: hour(4) }] },
    }).schedule
    await workbench.handlers['policies/start']({ hostId, policy: { ...policy, schedule } }, quiet)
    const resting = async () => (await workbench.handlers['policies/status']({ hostId }, quiet)).run?.resting
    await expect
      .poll(resting, { timeout: withinMs })
      .toEqual({ until: expect.any(Number), timeZone: expect.any(String) })
    const until = new Date((await resting())?.until ?? 0)
    expect([until.getMinutes(), until.getHours()]).toEqual([0, Number(hour(3).slice(0, 2))])
    await workbench.handlers['policies/stop']({ hostId }, quiet)
    expect(hosts.auditOf('alpha')).toHaveLength(2)
  })

  it('stops when a helper of the second stage is killed, and puts the first host back', async () => {
    await allow(['beta', 'gamma'])
    // The helper is found and killed before the third stage begins, also where the machine is busy.
    const { id } = await workbench.handlers['rollouts/start']({ ...plan(), waitSeconds: 20 }, quiet)
    await expect.poll(() => states(id), { timeout: withinMs }).toEqual(['running', 'running', 'waiting'])
    const beta = hosts.sshds.get('beta') as Sshd
    await runOver(`root@127.0.0.1:${beta.port}`, killHelpers, { home: hosts.home })
    await expect.poll(() => states(id), { timeout: withinMs }).toEqual(['restored', 'unconfirmed', 'waiting'])
    expect(await shown(id)).toMatchObject({
      state: 'stopped',
      stage: 1,
      why: expect.stringMatching(/^beta: /),
    })
    expect(hosts.auditOf('alpha').slice(2)).toEqual(['policy start', 'policy stop'])
    expect(hosts.auditOf('gamma')).toHaveLength(2)
  }, 240_000)

  it('goes on after a restart of the workbench, at the stage it had reached, and is stopped on request', async () => {
    await allow(names)
    const { id } = await workbench.handlers['rollouts/start']({ ...plan(), waitSeconds: 10 }, quiet)
    await expect.poll(() => states(id), { timeout: withinMs }).toEqual(['running', 'running', 'waiting'])
    await workbench.close()
    workbench = await openWorkbench(hosts.home.path, { dataDirectory: join(folder, 'data') })
    expect(await shown(id)).toMatchObject({ state: 'running', stage: 1 })
    // What was decided before the restart is kept.
    const { notes } = await workbench.handlers['policies/notes'](
      { hostId: idsOf(['alpha'])[0] ?? '', limit: 100 },
      quiet,
    )
    const texts = notes.map(({ text }) => text)
    expect(texts).toContain('root started a policy in session mode: scrub adaptive, KSM observe')
    expect(texts).toContain('the policy ended with its session')
    await expect.poll(() => states(id), { timeout: withinMs }).toEqual(['running', 'running', 'running'])
    await expect.poll(async () => (await shown(id)).state, { timeout: withinMs }).toBe('done')
    await workbench.handlers['rollouts/stop']({ id }, quiet)
    await expect.poll(() => states(id), { timeout: withinMs }).toEqual(['restored', 'restored', 'restored'])
    for (const name of names) expect(hosts.auditOf(name).at(-1)).toBe('policy stop')
  }, 300_000)
})
