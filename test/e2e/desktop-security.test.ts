// Electron's checklist on the values that are in force: what main as built really told the stand-in, and what Chromium then
// does. docs/desktop.md has the table of all 20 points. Source: electronjs.org, Security, "Checklist".
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ensureApp } from '../../scripts/built-parts.mjs'
import { type Launched, launch, realElectron } from '../electron/launch.ts'
import { noChromium } from './chromium.ts'

const cannotRun =
  realElectron === undefined
    ? noChromium
    : 'a real Electron does not tell what it was given; test/e2e/desktop.test.ts looks at what it does'
if (cannotRun) console.warn(`skipped: ${cannotRun}`)

const root = join(import.meta.dirname, '../..')
const withinMs = 30_000

/** Of the stand-in's modules, what this file looks at. */
interface StandIn {
  readonly app: { readonly sandboxed: boolean }
  readonly privileged: readonly unknown[]
  readonly session: {
    readonly defaultSession: {
      answerPermission(
        contents: unknown,
        permission: string,
        answer: (granted: boolean) => void,
        details: { requestingUrl: string },
      ): void
    }
  }
  readonly BrowserWindow: {
    readonly opened: readonly { readonly webPreferences?: Readonly<Record<string, unknown>> }[]
    getAllWindows(): {
      readonly webContents: {
        readonly requestsOut: readonly string[]
        emit(event: string, details: object): void
      }
    }[]
  }
}

describe.skipIf(cannotRun !== undefined)('the checklist of Electron', () => {
  const home = mkdtempSync(join(tmpdir(), 'singleton-security-'))
  let app: Launched
  const ask = <R>(run: (standIn: StandIn) => R) => app.evaluate(run as never, undefined) as Promise<R>
  const preferences = () =>
    ask(({ BrowserWindow }) => BrowserWindow.opened.map((one) => one.webPreferences ?? {}))
  const built = () =>
    globSync('out/{main,preload}/**/*.{js,cjs}', { cwd: root }).map((path) =>
      readFileSync(join(root, path), 'utf8'),
    )

  beforeAll(async () => {
    await ensureApp(root, ['--logLevel', 'warn'])
    mkdirSync(join(home, 'data'), { recursive: true, mode: 0o700 })
    app = await launch({ home })
    await app.page.getByText('Add your first host').waitFor({ timeout: withinMs })
  })
  afterAll(() => {
    app?.kill()
    rmSync(home, { recursive: true, force: true })
  })

  it('1, 18: all that the page loads comes from app://, and nothing leaves for the network', async () => {
    const out = await ask(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.requestsOut)
    expect(out).toEqual([])
    const loaded = await app.page.evaluate(() =>
      performance.getEntriesByType('resource').map(({ name }) => new URL(name).origin),
    )
    expect(loaded.length).toBeGreaterThan(3)
    expect([...new Set(loaded)]).toEqual(['https://workbench.invalid'])
    expect(await ask(({ privileged }) => privileged)).toEqual([
      { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true } },
    ])
  })

  it('2, 3, 4, 6: every window is sandboxed and isolated, without Node', async () => {
    const windows = await preferences()
    expect(windows.length).toBeGreaterThan(0)
    for (const one of windows)
      expect(one).toMatchObject({ sandbox: true, contextIsolation: true, nodeIntegration: false })
    for (const one of windows) expect(one.webSecurity ?? true).toBe(true)
    expect(await ask(({ app: electron }) => electron.sandboxed)).toBe(true)
  })

  it('8, 9, 10: no window allows insecure content, experiments or features of Blink', async () => {
    const names = ['allowRunningInsecureContent', 'experimentalFeatures', 'enableBlinkFeatures']
    for (const one of await preferences())
      expect(names.filter((name) => (one[name] ?? false) !== false)).toEqual([])
  })

  it('5: no permission is granted to anybody but notifications to the app itself', async () => {
    const answers = await ask(({ session }) => {
      const told: string[] = []
      const asked = [
        'media',
        'geolocation',
        'clipboard-read',
        'openExternal',
        'fileSystem',
        'usb',
        'notifications',
      ]
      for (const requestingUrl of ['app://workbench/', 'https://example.org/'])
        for (const permission of asked)
          session.defaultSession.answerPermission(
            {},
            permission,
            (granted) => {
              if (granted) told.push(`${permission} ${requestingUrl}`)
            },
            { requestingUrl },
          )
      return told
    })
    expect(answers).toEqual(['notifications app://workbench/'])
  })

  it('7: the policy that Chromium enforces names no other source, and no inline code', async () => {
    const policy = await app.page.evaluate(async () => {
      const answer = await fetch(location.href).catch(() => undefined)
      return answer?.headers.get('content-security-policy') ?? 'connect-src forbids to ask'
    })
    expect(policy).toBe('connect-src forbids to ask')
    const header = await app.page.reload().then((response) => response?.headers()['content-security-policy'])
    expect(header).toMatch(/default-src 'none'; script-src 'self'; style-src 'self' 'nonce-[^']+'/)
    expect(header).toMatch(/require-trusted-types-for 'script'/)
    expect(header).not.toMatch(/unsafe|https?:|\*/)
  })

  it('11, 12: a webview is refused before it is attached, and the page has none', async () => {
    const refused = await ask(({ BrowserWindow }) => {
      let isPrevented = false
      const details = {
        preventDefault: () => {
          isPrevented = true
        },
      }
      BrowserWindow.getAllWindows()[0]?.webContents.emit('will-attach-webview', details)
      return isPrevented
    })
    expect(refused).toBe(true)
    for (const one of await preferences()) expect(one.webviewTag ?? false).toBe(false)
    expect(await app.page.locator('webview').count()).toBe(0)
  })

  it('15, 17: main opens no address outside, and hears no message but those of its port', () => {
    const texts = built()
    expect(texts.length).toBeGreaterThan(5)
    expect(texts.filter((text) => /openExternal|ipcMain|\bremote\b.*require\(/.test(text))).toEqual([])
    expect(texts.some((text) => text.includes('MessageChannelMain'))).toBe(true)
  })

  it('16: the version of Electron is one exact release, with whose Chromium the page is built to run', () => {
    const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    expect(devDependencies.electron).toMatch(/^\d+\.\d+\.\d+$/)
    const installed = JSON.parse(readFileSync(join(root, 'node_modules/electron/package.json'), 'utf8'))
    expect(installed.version).toBe(devDependencies.electron)
  })

  it('20: the page has no API of Electron or Node, and the preload exposes none', async () => {
    const found = await app.page.evaluate(() =>
      ['process', 'require', 'module', 'Buffer', 'electron', 'ipcRenderer', 'global'].filter(
        (name) => name in globalThis,
      ),
    )
    expect(found).toEqual([])
    const preload = readFileSync(join(root, 'out/preload/index.cjs'), 'utf8')
    expect(preload).not.toMatch(/contextBridge|exposeInMainWorld/)
    expect(preload.length).toBeLessThan(1000)
  })
})
