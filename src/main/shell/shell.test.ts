import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { answerAppRequest, isAppUrl, maySpeak } from './app-protocol.ts'
import { channelOfPort, type DesktopPort } from './desktop-port.ts'
import {
  type LockableContents,
  type LockableSession,
  lockDownContents,
  lockDownSession,
} from './lock-down.ts'

const folder = mkdtempSync(join(tmpdir(), 'singleton-shell-'))
beforeAll(() => {
  mkdirSync(join(folder, 'renderer'))
  writeFileSync(join(folder, 'renderer/index.html'), '<h1>workbench</h1>')
  writeFileSync(join(folder, 'secret.html'), 'secret')
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('app://', () => {
  it('serves the renderer with its policy', async () => {
    const response = await answerAppRequest(join(folder, 'renderer'), 'app://workbench/')
    expect(response.status).toBe(200)
    expect(await response.text()).toContain('workbench')
    expect(response.headers.get('content-security-policy')).toContain("script-src 'self'")
  })

  it.each([
    'app://workbench/../secret.html',
    'app://workbench/%2e%2e/secret.html',
    'app://other/',
    'file:///etc/passwd',
  ])('has nothing for %s', async (url) => {
    expect((await answerAppRequest(join(folder, 'renderer'), url)).status).toBe(404)
  })

  it.each([
    ['app://workbench/', true],
    ['app://workbench.evil/', false],
    ['https://workbench/', false],
    ['nonsense', false],
  ])('isAppUrl(%s) is %s', (url, expected) => {
    expect(isAppUrl(url)).toBe(expected)
  })
})

describe('lock-down', () => {
  it('denies windows, foreign pages and webviews', () => {
    const listeners = new Map<string, (details: { url: string; preventDefault(): void }) => void>()
    const setWindowOpenHandler = vi.fn()
    const on = (event: string, listener: never) => listeners.set(event, listener)
    lockDownContents({ setWindowOpenHandler, on } as unknown as LockableContents)
    expect(setWindowOpenHandler.mock.calls[0]?.[0]()).toEqual({ action: 'deny' })
    const navigate = (event: string, url: string) => {
      const preventDefault = vi.fn()
      listeners.get(event)?.({ url, preventDefault })
      return preventDefault.mock.calls.length > 0
    }
    expect(navigate('will-navigate', 'https://example.org/')).toBe(true)
    expect(navigate('will-navigate', 'app://workbench/')).toBe(false)
    expect(navigate('will-attach-webview', 'app://workbench/')).toBe(true)
  })

  it('denies every permission but that of our own page to tell trouble on the desktop', () => {
    const session = { setPermissionRequestHandler: vi.fn(), setPermissionCheckHandler: vi.fn() }
    lockDownSession(session as unknown as LockableSession)
    const answer = vi.fn()
    const ask = session.setPermissionRequestHandler.mock.calls[0]?.[0]
    ask({}, 'camera', answer, { requestingUrl: 'app://workbench/' })
    ask({}, 'notifications', answer, { requestingUrl: 'https://example.org/' })
    ask({}, 'notifications', answer, { requestingUrl: 'app://workbench/' })
    expect(answer.mock.calls).toEqual([[false], [false], [true]])
    const check = session.setPermissionCheckHandler.mock.calls[0]?.[0]
    expect(check({}, 'camera', 'app://workbench')).toBe(false)
    expect(check({}, 'notifications', 'https://example.org')).toBe(false)
    expect(check({}, 'notifications', 'app://workbench')).toBe(true)
  })
})

describe('the port', () => {
  it('goes to the top frame of our own page only', () => {
    expect(maySpeak(null)).toBe(false)
    expect(maySpeak({ url: 'app://workbench/', parent: null })).toBe(true)
    expect(maySpeak({ url: 'https://example.org/', parent: null })).toBe(false)
    expect(maySpeak({ url: 'app://workbench/', parent: {} as never })).toBe(false)
  })

  it('carries texts both ways', () => {
    let receive: ((message: { data: unknown }) => void) | undefined
    const port = {
      postMessage: vi.fn(),
      start: vi.fn(),
      close: vi.fn(),
      on: (event: string, listener: never) => {
        if (event === 'message') receive = listener
      },
    } as unknown as DesktopPort
    const channel = channelOfPort(port)
    const heard = vi.fn()
    channel.onText(heard)
    channel.send('out')
    receive?.({ data: 'in' })
    expect(port.postMessage).toHaveBeenCalledWith('out')
    expect(heard).toHaveBeenCalledWith('in')
  })
})
