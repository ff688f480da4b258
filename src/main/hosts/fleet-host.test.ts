import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FakeLink, fakeHello } from '../../../test/fakes/fake-link.ts'
import { fakeRound } from '../../../test/fakes/fake-round.ts'
import { fakeSample } from '../../../test/fakes/fake-sample.ts'
import type { Mark, PolicyRound, SavedHost } from '../../shared/contract/index.ts'
import { Announcer } from '../announcer.ts'
import { openAuditTrail } from '../audit/audit-trail.ts'
import { HostAudit } from '../audit/host-audit.ts'
import { keepNoHistory } from '../history/no-history.ts'
import { ConnectingSlots } from './connecting-slots.ts'
import { FleetHost } from './fleet-host.ts'
import { PromptBoard } from './prompt-board.ts'
import { TaskBoard } from './task-board.ts'

const saved: SavedHost = { id: 'h', name: 'alpha', address: 'alpha', mode: 'observe', tags: [] }

let folder: string
let host: FleetHost
let bootId: string
let links: FakeLink[]
let samples: { readonly monotonicSeconds: number; readonly round: PolicyRound | undefined }[]
let marks: Omit<Mark, 'at'>[]
let rounds: number

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'singleton-fleet-host-'))
  ;[links, samples, marks, bootId] = [[], [], [], 'first']
  rounds = 0
  let taken = 0
  const announcer = new Announcer()
  announcer.subscribe((name) => {
    if (name === 'policies/round') rounds += 1
  })
  host = new FleetHost(saved, {
    openLink: async (options) => {
      const sample = () => {
        taken += 1
        return fakeSample({ monotonicSeconds: 2 * taken })
      }
      const machine = { bootId, pidNamespace: 'pid:[1]' }
      const link = new FakeLink(options, { sample }, { ...fakeHello.host, machine })
      links.push(link)
      return link
    },
    environment: { home: folder, helperDirectory: folder },
    slots: new ConnectingSlots(1),
    announcer,
    prompts: new PromptBoard(announcer.announce),
    tasks: new TaskBoard(announcer.announce),
    history: {
      ...keepNoHistory(),
      addSample: (_, __, { monotonicSeconds }, round) => samples.push({ monotonicSeconds, round }),
      addMark: (_, { kind, text }) => marks.push({ kind, text }),
    },
    audit: new HostAudit(openAuditTrail(folder), announcer.announce, 'test'),
    sampleEveryMs: 2,
  })
})
afterEach(() => {
  host.close()
  rmSync(folder, { recursive: true })
})

describe('a host of the fleet', () => {
  it('keeps each sample once, with the last round of the policy that runs', async () => {
    await host.session.connect()
    const round = fakeRound({ evictedBytes: 4096 })
    links[0]?.options.onRound?.(round)
    await expect.poll(() => samples.at(-1)?.round).toEqual(round)
    await expect.poll(() => samples.length).toBeGreaterThan(5)
    const seconds = samples.map(({ monotonicSeconds }) => monotonicSeconds)
    expect(new Set(seconds).size).toBe(seconds.length)
  })

  it('passes few rounds on of a host that floods them, and says so', async () => {
    await host.session.connect()
    for (let sequence = 1; sequence <= 5000; sequence += 1)
      links[0]?.options.onRound?.(fakeRound({ sequence }))
    expect(rounds).toBeGreaterThanOrEqual(200)
    expect(rounds).toBeLessThan(2000)
    const lines = host.log.list().filter(({ text }) => text.includes('rounds of the policy'))
    expect(lines.map(({ text }) => text)).toEqual(['leaves out rounds of the policy: more than 20 a second'])
  })

  it('marks what was changed, and that it was booted in between', async () => {
    await host.session.connect()
    host.noteChange('Stop KSM')
    host.session.disconnect()
    bootId = 'second'
    await host.session.connect()
    expect(marks).toEqual([
      { kind: 'connection', text: 'connected' },
      { kind: 'change', text: 'Stop KSM' },
      { kind: 'connection', text: 'disconnected' },
      { kind: 'connection', text: 'connected' },
      { kind: 'host', text: 'the host was booted' },
    ])
  })
})
