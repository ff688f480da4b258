// A fleet in which all hosts but one lie, over real sshd: each costs the workbench itself, and nobody else.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Workbench } from '../../src/main/workbench.ts'
import { createWorkbench } from '../../src/main/workbench.ts'
import { desktopContract, desktopNotifications, type HostView } from '../../src/shared/contract/index.ts'
import { Problem } from '../../src/shared/problem.ts'
import { stripControlsDeep } from '../../src/shared/text/printable.ts'
import { makeSshHome, type SshHome } from '../beds/sshd/ssh-home.ts'
import { buildStandIn, type StandIn } from '../beds/sshd/stand-in-helper.ts'
import { type Sshd, startSshd } from '../beds/sshd/start-sshd.ts'
import { quiet } from '../fakes/quiet.ts'

/** What becomes of each: whether its samples are shown, or its link is ended for what it does. */
const hosts = {
  honest: 'shown',
  'huge-figures': 'shown',
  'same-guest-often': 'shown',
  'hostile-names': 'shown',
  'hostile-rounds': 'shown',
  'round-flood': 'shown',
  'log-flood': 'shown',
  'progress-flood': 'shown',
  'beyond-figures': 'ended',
  'negative-figures': 'ended',
  'no-number': 'ended',
  'no-date': 'ended',
  'many-guests': 'ended',
  'large-frame': 'ended',
  'no-rpc': 'ended',
  flood: 'ended',
  'half-frame': 'ended',
  'wrong-ids': 'silent',
  deaf: 'silent',
} as const

let folder: string
let home: SshHome
let standIn: StandIn
let workbench: Workbench
const sshds: Sshd[] = []
const problems: string[] = []
const told: { name: keyof typeof desktopNotifications; value: unknown }[] = []

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'singleton-hostile-fleet-'))
  home = makeSshHome()
  standIn = buildStandIn('by-host')
  const names = Object.keys(hosts)
  const started = await Promise.all(names.map(() => startSshd({ authorizedKeys: [home.publicKey] })))
  sshds.push(...started)
  const aliases = names.map((name, index) => {
    const sshd = sshds[index] as Sshd
    home.trust(sshd)
    writeFileSync(join(sshd.home, 'behaviour'), `${name}\n`)
    return `Host ${name}\n  HostName 127.0.0.1\n  Port ${sshd.port}\n  User root\n`
  })
  home.write(
    'config',
    `${aliases.join('')}Host *\n  IdentitiesOnly yes\n  IdentityFile ${home.file('id_ed25519')}\n`,
  )
  workbench = await createWorkbench({
    dataDirectory: folder,
    environment: { home: home.path, helperDirectory: standIn.directory },
    version: '0.0.0',
    stay: 'resident',
    onProblem: ({ message }) => problems.push(message),
  })
  workbench.subscribe((name, value) => told.push({ name, value }))
  await workbench.handlers['hosts/add-all']({ hosts: names.map((name) => ({ address: name, name })) }, quiet)
})
afterAll(async () => {
  await workbench?.close()
  await Promise.all(sshds.map((sshd) => sshd.stop()))
  standIn?.remove()
  home?.remove()
  rmSync(folder, { recursive: true, force: true })
})

async function views(): Promise<ReadonlyMap<string, HostView>> {
  const list = await workbench.handlers['fleet/list']({}, quiet)
  const { hosts: shown } = desktopContract['fleet/list'].result.parse(list)
  return new Map(shown.map((view) => [view.host.name, view]))
}

const samplesOf = (hostId: string) =>
  told.filter(({ name, value }) => name === 'sample/added' && (value as { hostId: string }).hostId === hostId)
    .length

describe('a fleet of liars', () => {
  it.each(Object.entries(hosts))('%s: %s', async (name, fate) => {
    const view = async () => (await views()).get(name)
    const patience = { timeout: 90_000, interval: 200 }
    if (fate === 'shown')
      await expect.poll(async () => (await view())?.latest !== undefined, patience).toBe(true)
    if (fate === 'ended') {
      await expect
        .poll(async () => {
          const connection = (await view())?.connection
          return connection && 'problem' in connection ? connection.problem?.code : undefined
        }, patience)
        .toMatch(/protocol|disconnected/)
      expect((await view())?.latest).toBeUndefined()
    }
    if (fate === 'silent') {
      await expect.poll(async () => (await view())?.connection.state, patience).toMatch(/connected|waiting/)
      expect((await view())?.latest).toBeUndefined()
    }
  })

  it('leaves the honest host its samples', async () => {
    const id = (await views()).get('honest')?.host.id ?? ''
    const before = samplesOf(id)
    await expect.poll(() => samplesOf(id), { timeout: 60_000 }).toBeGreaterThan(before + 3)
  })

  it('tells pages only what keeps to the contract', () => {
    expect(told.length).toBeGreaterThan(50)
    for (const { name, value } of told) {
      const { error } = desktopNotifications[name].safeParse(value)
      expect(error?.issues, name).toBeUndefined()
    }
  })

  it('keeps the log of a host that floods it bounded, and free of what drives a terminal', async () => {
    for (const name of ['log-flood', 'hostile-rounds']) {
      const hostId = (await views()).get(name)?.host.id ?? ''
      const lines = await workbench.handlers['hosts/log']({ hostId }, quiet)
      const announced = told.filter(
        (one) => one.name === 'log/added' && (one.value as { hostId: string }).hostId === hostId,
      )
      expect(lines.length).toBeGreaterThan(0)
      expect(announced.length, name).toBeLessThan(1_000)
      expect(lines.map(({ text }) => text).join('')).not.toMatch(/[\p{Cc}\p{Cf}]/u)
    }
  })

  it('passes few of the rounds on of a host that floods them', async () => {
    const hostId = (await views()).get('round-flood')?.host.id ?? ''
    await expect.poll(() => samplesOf(hostId), { timeout: 60_000 }).toBeGreaterThan(2)
    const sent = 900 * samplesOf(hostId)
    const rounds = told.filter(
      ({ name, value }) => name === 'policies/round' && (value as { hostId: string }).hostId === hostId,
    ).length
    expect(rounds).toBeGreaterThan(0)
    expect(rounds).toBeLessThan(sent / 2)
  })

  it('passes few of the steps on of a host that floods progress, and cancels it', async () => {
    const hostId = (await views()).get('progress-flood')?.host.id ?? ''
    const steps = () => told.filter(({ name }) => name === 'task/changed').length
    const working = workbench.handlers.assess({ hostId }, quiet).catch((error: unknown) => error)
    const before = steps()
    await expect.poll(steps, { timeout: 30_000 }).toBeGreaterThan(before + 5)
    const [counted, at] = [steps(), performance.now()]
    await new Promise((resolve) => setTimeout(resolve, 2_000))
    expect((steps() - counted) / ((performance.now() - at) / 1000)).toBeLessThan(10)
    const task = (await views()).get('progress-flood')?.tasks.find(({ kind }) => kind === 'assess')
    await workbench.handlers['tasks/cancel']({ id: task?.id ?? '' }, quiet)
    expect(await working).toBeInstanceOf(Problem)
  })

  // At once, as each waits for those that never answer.
  it.concurrent.each(['html', 'csv', 'json'] as const)('reports all of them as %s', async (format) => {
    const hostIds = [...(await views()).values()].map(({ host }) => host.id)
    const { content } = await workbench.handlers['reports/build']({ hostIds, format }, quiet)
    expect(content).toContain('honest')
    if (format !== 'json') expect(content).not.toMatch(/[^\P{Cc}\n\r\t]|[\u202e\u200b]/u)
    if (format === 'html') expect(content).not.toContain('<img')
  })

  it('leaves nothing hostile in what a page makes of it', async () => {
    const text = JSON.stringify(stripControlsDeep([...(await views()).values()]))
    expect(text).toContain('web<img')
    expect(text).not.toMatch(/[\u202e\u200b]|\\u001b|\\r/)
    expect(problems).toEqual([])
  })
})
