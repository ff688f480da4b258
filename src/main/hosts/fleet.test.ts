import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { FakeLink, fakeHello } from '../../../test/fakes/fake-link.ts'
import { quiet } from '../../../test/fakes/quiet.ts'
import type { ServiceStatus } from '../../shared/contract/index.ts'
import { Announcer } from '../announcer.ts'
import { openAuditTrail } from '../audit/audit-trail.ts'
import { HostAudit } from '../audit/host-audit.ts'
import { keepNoHistory } from '../history/no-history.ts'
import { ConnectingSlots } from './connecting-slots.ts'
import { Fleet } from './fleet.ts'
import { PromptBoard } from './prompt-board.ts'
import { openHostsFile } from './saved-hosts.ts'
import { TaskBoard } from './task-board.ts'

let folder: string
let fleet: Fleet
/** What pages were told, and what history was told to keep or to forget. */
let told: string[]
let kept: string[]

beforeEach(async () => {
  ;[told, kept] = [[], []]
  folder = mkdtempSync(join(tmpdir(), 'singleton-fleet-'))
  fleet = await openFleet()
})
afterEach(async () => {
  await fleet.close()
  rmSync(folder, { recursive: true })
})

async function openFleet(service: ServiceStatus['state'] = 'absent'): Promise<Fleet> {
  const announcer = new Announcer()
  announcer.subscribe((name) => told.push(name))
  return new Fleet({
    uninstall: async () => ({
      removed: ['/root/.cache/singleton-workbench'],
      kept: [],
      unreached: [],
      running: [],
    }),
    openLink: async (options) =>
      new FakeLink(
        options,
        {
          'service/status': async () => ({ state: service, hasPolicy: false }),
          'ksm/stop': () => new Promise(() => undefined),
        },
        { ...fakeHello.host, machine: { bootId: 'boot', pidNamespace: 'pid:[1]' } },
      ),
    environment: { home: folder, helperDirectory: folder },
    slots: new ConnectingSlots(8),
    announcer,
    prompts: new PromptBoard(announcer.announce),
    tasks: new TaskBoard(announcer.announce),
    history: {
      ...keepNoHistory(),
      addMark: (_, { text }) => kept.push(text),
      forget: () => kept.push('forgotten'),
    },
    audit: new HostAudit(openAuditTrail(folder), announcer.announce, 'test'),
    store: await openHostsFile(folder, (problem) => {
      throw problem
    }),
  })
}

const audited = async () => {
  const entries = await openAuditTrail(folder).list({ limit: 100 })
  return entries.map(({ action, host, after }) => [action, host, after].filter(Boolean).join(' '))
}

describe('edits of the list of hosts', () => {
  it('do not overlap: of two that add one address at once, the second is refused', async () => {
    const outcomes = await Promise.allSettled([
      fleet.addHost({ address: 'alpha' }),
      fleet.addHost({ address: 'alpha' }),
    ])
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
    expect((await openFleet()).saved()).toEqual(fleet.saved())
    expect(await audited()).toEqual(['add host alpha observe mode'])
  })

  it('are in the file and in the audit once they are done', async () => {
    const { added } = await fleet.addAll([{ address: 'alpha' }, { address: 'beta' }, { address: 'alpha' }])
    const [alpha, beta] = added.map(({ id }) => id)
    const changes = [
      fleet.update(alpha ?? '', { mode: 'change', tags: ['rack1'] }),
      fleet.remove(beta ?? ''),
      fleet.update(alpha ?? '', { mode: 'observe' }),
    ]
    await Promise.all(changes)
    expect(fleet.saved()).toMatchObject([{ address: 'alpha', mode: 'observe', tags: ['rack1'] }])
    expect((await openFleet()).saved()).toEqual(fleet.saved())
    expect(await audited()).toEqual([
      'add host alpha observe mode',
      'add host beta observe mode',
      'set mode alpha change',
      'edit host alpha alpha, rack1',
      'remove host beta',
      'set mode alpha observe',
    ])
  })

  it('of another process are taken over', async () => {
    const { id } = await fleet.addHost({ address: 'alpha' })
    const other = await openFleet()
    await other.update(id, { name: 'renamed' })
    await other.addHost({ address: 'beta' })
    await fleet.follow()
    expect(fleet.saved()).toEqual(other.saved())
  })
})

it('tells and keeps nothing of a host that is removed while an act runs there', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  try {
    const { id } = await fleet.addHost({ address: 'alpha' })
    await fleet.update(id, { mode: 'change' })
    await fleet.connect(id, quiet)
    const act = fleet.act({ hostId: id, kind: 'ksm', title: 'Stop KSM' }, 'ksm/stop', {}, quiet)
    const ended = expect(act).rejects.toMatchObject({ code: 'cancelled' })
    await fleet.remove(id)
    await ended
    // Longer than any view is held back.
    await vi.advanceTimersByTimeAsync(10_000)
    expect(told).toContain('host/changed')
    expect(told.slice(told.indexOf('host/removed'))).not.toContain('host/changed')
    expect(kept.at(-1)).toBe('forgotten')
  } finally {
    vi.useRealTimers()
  }
})

it('knows the machine of a host once connected, and still does after that', async () => {
  const { id } = await fleet.addHost({ address: 'alpha' })
  expect(fleet.find(id).view().machine).toBeUndefined()
  await fleet.connect(id, quiet)
  const machine = { bootId: 'boot', pidNamespace: 'pid:[1]' }
  expect(fleet.find(id).view().machine).toEqual(machine)
  fleet.disconnect(id)
  expect(fleet.find(id).view()).toMatchObject({ machine, connection: { state: 'disconnected' } })
})

describe('uninstalling', () => {
  it('ends the session first, leaves the host saved and disconnected, and is in the audit', async () => {
    const { id } = await fleet.addHost({ address: 'alpha' })
    await fleet.connect(id, quiet)
    expect(await fleet.uninstall(id, quiet)).toMatchObject({ removed: ['/root/.cache/singleton-workbench'] })
    expect(fleet.find(id).session.connection.state).toBe('disconnected')
    expect(fleet.saved()).toHaveLength(1)
    const last = (await openAuditTrail(folder).list({ limit: 1 }))[0]
    expect(last).toMatchObject({
      action: 'uninstall helper',
      target: '/root/.cache/singleton-workbench',
      outcome: 'removed /root/.cache/singleton-workbench',
    })
  })

  it('is refused while the service is installed, and keeps the session that can remove it', async () => {
    const served = await openFleet('running')
    const { id } = await served.addHost({ address: 'alpha' })
    await served.connect(id, quiet)
    await expect(served.uninstall(id, quiet)).rejects.toMatchObject({
      code: 'busy',
      remedy: expect.stringContaining('service remove HOST'),
    })
    expect(served.find(id).session.connection.state).toBe('connected')
    const last = (await openAuditTrail(folder).list({ limit: 1 }))[0]
    expect(last).toMatchObject({ action: 'uninstall helper', outcome: expect.stringContaining('failed: ') })
    await served.close()
  })

  it('waits for no act: it is refused while one runs', async () => {
    const { id } = await fleet.addHost({ address: 'alpha' })
    await fleet.connect(id, quiet)
    const over = new AbortController()
    const act = fleet.act(
      { hostId: id, kind: 'assess', title: 'Assess' },
      'assess',
      {},
      { ...quiet, signal: over.signal },
    )
    await expect(fleet.uninstall(id, quiet)).rejects.toMatchObject({ code: 'busy' })
    over.abort()
    await expect(act).rejects.toBeDefined()
    expect(fleet.find(id).session.connection.state).toBe('connected')
  })
})
