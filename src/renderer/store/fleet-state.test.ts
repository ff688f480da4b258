import { describe, expect, it } from 'vitest'
import type { HostView, LogLine, Prompt, Task } from '../../shared/contract/index.ts'
import {
  changesFiguresOnly,
  emptyFleet,
  type FleetState,
  reduceList,
  reduceLoss,
  reduceNotification,
} from './fleet-state.ts'

const view = (id: string): HostView => ({
  host: { id, name: id, address: id, mode: 'observe', tags: [] },
  connection: { state: 'connected', since: 1 },
  sparkline: [],
  tasks: [],
})
const task = (id: string, hostId: string, title = 'Assess'): Task => ({
  id,
  hostId,
  kind: 'assess',
  title,
  startedAt: 1,
})
const fleet: FleetState = { ...emptyFleet, hosts: [view('a'), view('b')] }

describe('fleet state', () => {
  it('adds an unknown host and replaces a known one in place', () => {
    const changed = { ...view('a'), hitRatio: 0.5 }
    expect(reduceNotification(fleet, 'host/changed', changed).hosts).toEqual([changed, view('b')])
    expect(reduceNotification(fleet, 'host/changed', view('c')).hosts).toHaveLength(3)
  })

  it('knows no host before they are listed, whatever is told of one', () => {
    expect(reduceNotification(emptyFleet, 'host/changed', view('c')).hosts).toBeUndefined()
  })

  it('removes a host and ignores what concerns an unknown one', () => {
    expect(reduceNotification(fleet, 'host/removed', { hostId: 'a' }).hosts).toEqual([view('b')])
    expect(reduceNotification(fleet, 'task/changed', task('t', 'z')).hosts).toEqual(fleet.hosts)
  })

  it.each([
    ['its figures', { hitRatio: 0.5, sparkline: [1, 2] }, true],
    ['its connection', { connection: { state: 'disconnected', since: 2 } }, false],
    ['its tasks', { tasks: [task('t', 'a')] }, false],
    ['its policy', { policy: { id: 'r', mode: 'dry', since: 1, scrub: 'off', ksm: 'off' } }, false],
  ] as const)('tells what can wait of a large fleet: %s', (_, change, canWait) => {
    const changed = { ...view('a'), ...change } as HostView
    expect(changesFiguresOnly(fleet, changed)).toBe(canWait)
  })

  it('lets no host wait that was not known', () => {
    expect(changesFiguresOnly(fleet, view('c'))).toBe(false)
  })

  it('follows a task from start to end', () => {
    const started = reduceNotification(fleet, 'task/changed', task('t', 'a'))
    const changed = reduceNotification(started, 'task/changed', task('t', 'a', 'Scrub'))
    expect(changed.hosts?.[0]?.tasks).toEqual([task('t', 'a', 'Scrub')])
    const ended = reduceNotification(changed, 'task/ended', { id: 't', hostId: 'a' })
    expect(ended.hosts).toEqual(fleet.hosts)
  })

  it('asks each prompt once and withdraws it', () => {
    const question = {
      kind: 'host-key',
      address: 'h',
      keyType: 'ssh-ed25519',
      fingerprint: 'SHA256:x',
    } as const
    const prompt: Prompt = { id: 'p', hostId: 'a', question }
    const asked = reduceNotification(fleet, 'prompt/asked', prompt)
    expect(reduceNotification(asked, 'prompt/asked', prompt).prompts).toEqual([prompt])
    expect(reduceNotification(asked, 'prompt/withdrawn', { id: 'p' }).prompts).toEqual([])
  })

  it('knows since when figures may be old: the first loss of the link after which nothing was listed', () => {
    const heard = reduceNotification(fleet, 'host/changed', { ...view('a'), hitRatio: 0.5 })
    const lost = reduceLoss(heard, { reason: 'unreachable', at: 5_000, retryAt: 5_300 })
    expect(lost.lostAt).toBe(5_000)
    const lostAgain = reduceLoss(
      { ...lost, link: { state: 'failed', problem: { code: 'system', message: 'cannot list' } } },
      { reason: 'unreachable', at: 9_000 },
    )
    expect(lostAgain).toMatchObject({ lostAt: 5_000, link: { state: 'lost', at: 9_000 } })
    const { problems, choices } = fleet
    expect(reduceList(lostAgain, { hosts: [view('a')], prompts: [], problems, choices })).toMatchObject({
      lostAt: undefined,
      link: { state: 'open' },
      hosts: [view('a')],
    })
  })

  it('keeps a bounded log per host', () => {
    const line = (text: string): LogLine => ({ at: 1, hostId: 'a', level: 'info', text })
    let grown: FleetState = fleet
    for (let n = 0; n < 2_100; n += 1) grown = reduceNotification(grown, 'log/added', line(String(n)))
    expect(grown.logs.a).toHaveLength(2_000)
    expect(grown.logs.a?.at(-1)?.text).toBe('2099')
  })
})
