import { afterEach, describe, expect, it, vi } from 'vitest'
import { FakeLink } from '../../../test/fakes/fake-link.ts'
import type { SavedHost } from '../../shared/contract/index.ts'
import { Problem } from '../../shared/problem.ts'
import type { LinkOptions } from '../helper-link/helper-link.ts'
import { ConnectingSlots } from './connecting-slots.ts'
import { HostSession, type SessionParts } from './host-session.ts'

const host: SavedHost = { id: 'h', name: 'alpha', address: 'alpha', mode: 'observe', tags: [] }
const unreachable = new Problem('unreachable', 'cannot reach alpha: refused')

function setUp(change: Partial<SessionParts> = {}, open?: (options: LinkOptions) => Promise<FakeLink>) {
  const links: FakeLink[] = []
  const states: string[] = []
  const parts: SessionParts = {
    openLink: async (options) => {
      const link = open ? await open(options) : new FakeLink(options)
      links.push(link)
      return link
    },
    environment: { home: '/nowhere', helperDirectory: '/nowhere' },
    slots: new ConnectingSlots(8),
    ask: async () => ({ kind: 'cancel' }),
    retryMs: () => 5,
    onInstalled: async () => undefined,
    onConnection: () => states.push(session.connection.state),
    onSample: () => undefined,
    onRound: () => undefined,
    log: () => undefined,
    ...change,
  }
  const session = new HostSession(host, parts)
  sessions.push(session)
  return { session, links, states }
}

const sessions: HostSession[] = []
afterEach(() => {
  for (const session of sessions.splice(0)) session.disconnect()
})

describe('HostSession', () => {
  it('connects, breaks and connects again after a wait', async () => {
    const { session, links, states } = setUp()
    await session.connect()
    expect(session.link?.hello.readOnly).toBe(true)
    links[0]?.break()
    await expect.poll(() => links.length).toBe(2)
    expect(states).toEqual(expect.arrayContaining(['connecting', 'connected', 'waiting']))
    await expect.poll(() => session.connection.state).toBe('connected')
  })

  it('rejects connect() with the Problem, shows it and the time of the next attempt', async () => {
    const { session } = setUp({ retryMs: () => 60_000 }, () => Promise.reject(unreachable))
    await expect(session.connect()).rejects.toBe(unreachable)
    expect(session.connection).toMatchObject({ state: 'waiting', problem: { code: 'unreachable' } })
  })

  it('says since when a host is not connected, however often it was tried since', async () => {
    let tries = 0
    const { session } = setUp({ retryMs: () => 2 }, () => {
      tries += 1
      return Promise.reject(unreachable)
    })
    await expect(session.connect()).rejects.toBe(unreachable)
    const { since } = session.connection
    await expect.poll(() => tries).toBeGreaterThan(10)
    await expect.poll(() => session.connection.state).toBe('waiting')
    expect(session.connection.since).toBe(since)
  })

  it('tries at once when asked while it waits', async () => {
    let up = false
    const { session } = setUp({ retryMs: () => 60_000 }, async (options) => {
      if (!up) throw unreachable
      return new FakeLink(options)
    })
    await expect(session.connect()).rejects.toBe(unreachable)
    up = true
    await session.connect()
    expect(session.connection.state).toBe('connected')
  })

  it.each(['host-key-changed', 'authentication-failed', 'cancelled'] as const)(
    'does not retry %s',
    async (code) => {
      const openLink = vi.fn(() => Promise.reject(new Problem(code, 'no')))
      const { session } = setUp({ openLink })
      await expect(session.connect()).rejects.toMatchObject({ code })
      await new Promise((resolve) => setTimeout(resolve, 30))
      expect(session.connection).toMatchObject({ state: 'disconnected', problem: { code } })
      expect(openLink).toHaveBeenCalledTimes(1)
    },
  )

  it('reconnects when samples stop coming', async () => {
    let hang = true
    const { session, links } = setUp({ sampleEveryMs: 2 }, async (options) => {
      const timedOut = new Problem('timed-out', 'cannot finish sample: no answer')
      const link = new FakeLink(options, hang ? { sample: () => Promise.reject(timedOut) } : {})
      hang = false
      return link
    })
    session.start()
    await expect.poll(() => links.length).toBe(2)
    await expect.poll(() => session.connection.state).toBe('connected')
  })

  it('stays connected when a sample fails for its own reasons', async () => {
    const log = vi.fn()
    const refused = new Problem('not-permitted', 'cannot read /proc/1/io')
    const { session, links } = setUp(
      { sampleEveryMs: 2, log },
      async (options) => new FakeLink(options, { sample: () => Promise.reject(refused) }),
    )
    await session.connect()
    await expect.poll(() => links[0]?.calls.length).toBeGreaterThan(3)
    expect(links.length).toBe(1)
    expect(log.mock.calls.filter(([level]) => level === 'warning')).toEqual([['warning', refused.message]])
  })

  it('refuses changes in observe mode and opens a writable link after the switch', async () => {
    const { session, links } = setUp()
    await session.connect()
    await expect(session.call('page-cache/scrub', {})).rejects.toMatchObject({ code: 'read-only' })
    expect(links[0]?.calls).toEqual([])
    session.update({ ...host, mode: 'change' })
    await session.connect()
    expect(session.link?.hello.readOnly).toBe(false)
    expect(links.length).toBe(2)
    expect(() => session.assertReady('page-cache/scrub')).not.toThrow()
  })

  it('is connecting from the moment that the mode is switched', async () => {
    const { session } = setUp()
    await session.connect()
    session.update({ ...host, mode: 'change' })
    expect(session.link).toBeUndefined()
    expect(session.connection).toMatchObject({ state: 'connecting', step: 'reopening in change mode' })
    await session.connect()
    expect(session.connection.state).toBe('connected')
  })

  it.each([
    ['never connected', () => undefined],
    ['disconnected', async (session: HostSession) => session.connect().then(() => session.disconnect())],
  ])('stays disconnected when the mode of a host %s is switched', async (_, before) => {
    const { session } = setUp()
    await before(session)
    session.update({ ...host, mode: 'change' })
    expect(session.connection.state).toBe('disconnected')
  })

  it('refuses requests while not connected', async () => {
    const { session } = setUp()
    await expect(session.call('assess', {})).rejects.toMatchObject({ code: 'disconnected' })
  })

  it('connects anew right after a disconnect', async () => {
    const { session, links } = setUp()
    await session.connect()
    session.disconnect()
    expect(session.connection.state).toBe('disconnected')
    await session.connect()
    expect(session.connection.state).toBe('connected')
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(session.connection.state).toBe('connected')
    expect(links.length).toBe(2)
  })

  it('ends an attempt on disconnect and rejects who waits for it', async () => {
    const { session } = setUp({
      openLink: ({ signal }) =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    })
    const waiting = session.connect()
    await expect.poll(() => session.connection.state).toBe('connecting')
    session.disconnect()
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' })
    expect(session.connection.state).toBe('disconnected')
    expect(session.connection).not.toHaveProperty('problem')
  })
})
