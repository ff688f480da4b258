// The built desktop app, main and preload as they ship: on a real Electron where ELECTRON_EXEC_PATH names one, else on
// the stand-in, which drives Chromium. What only the stand-in can show is skipped on the real one, with the reason.
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { menuPages } from '../../src/main/shell/menu.ts'
import { forkStandIn, type Launched, launch, realElectron } from '../electron/launch.ts'
import { noChromium } from './chromium.ts'
import { skipAfterFailure } from './stage.ts'

const cannotRun = realElectron === undefined ? noChromium : undefined
const onlyStandIn = realElectron === undefined ? undefined : 'a real Electron has no list of what it was told'
if (cannotRun) console.warn(`skipped: ${cannotRun}`)
if (onlyStandIn) console.warn(`some steps skipped: ${onlyStandIn}`)
if (realElectron === undefined) console.warn('on the stand-in: ELECTRON_EXEC_PATH names no Electron')

const withinMs = 30_000

describe.skipIf(cannotRun !== undefined)('the desktop app', () => {
  const home = mkdtempSync(join(tmpdir(), 'singleton-desktop-'))
  let app: Launched

  beforeAll(async () => {
    mkdirSync(join(home, 'data'), { recursive: true })
    // What it changes of this machine is noted there, and not where other tests look meanwhile.
    const env = { SINGLETON_STATE_DIR: join(home, 'state'), SINGLETON_RUN_DIR: join(home, 'run') }
    app = await launch({ home, env })
    await app.page.getByText('Add your first host').waitFor({ timeout: withinMs })
  })
  skipAfterFailure()
  afterAll(() => {
    app?.kill()
    rmSync(home, { recursive: true, force: true })
  })

  it('shows the fleet over the port that the preload handed to the page', async () => {
    await app.page.getByRole('button', { name: 'This machine' }).waitFor()
    expect(await app.page.evaluate(() => [typeof globalThis.process, 'require' in globalThis])).toEqual([
      'undefined',
      false,
    ])
  })

  it.skipIf(onlyStandIn !== undefined)('loads no service before its page has what it draws', async () => {
    const loaded = await app.evaluate(
      (electron) =>
        (electron as unknown as { loadedBeforeFirstPage(): readonly string[] }).loadedBeforeFirstPage(),
      undefined,
    )
    expect(loaded.some((url) => url.endsWith('/out/main/index.js'))).toBe(true)
    const services =
      /node_modules\/(?:ssh2|vscode-jsonrpc|ws|yaml)\/|node:sqlite|out\/main\/(?:workbench|history|print-)/
    expect(loaded.filter((url) => services.test(url))).toEqual([])
  })

  it('opens its window with the preferences that Electron recommends', async () => {
    const preferences = await app.evaluate(({ BrowserWindow }) => {
      const window = BrowserWindow.getAllWindows()[0] as unknown as {
        options?: { webPreferences: object }
        webContents: { getLastWebPreferences?: () => object }
      }
      return window.options?.webPreferences ?? window.webContents.getLastWebPreferences?.()
    }, undefined)
    expect(preferences).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
    })
    for (const name of ['allowRunningInsecureContent', 'experimentalFeatures', 'enableBlinkFeatures'])
      expect((preferences as Record<string, unknown>)[name] ?? false).toBe(false)
  })

  it('answers for app:// with a policy that Chromium enforces', async () => {
    const found = await app.page.evaluate(async () => {
      const violations: string[] = []
      document.addEventListener('securitypolicyviolation', (event) =>
        violations.push(event.effectiveDirective),
      )
      const refuses = (act: () => void) => {
        try {
          act()
          return false
        } catch (error) {
          return error instanceof TypeError
        }
      }
      const box = document.body.appendChild(document.createElement('div'))
      const script = document.createElement('script')
      const refused = {
        script: refuses(() => {
          script.textContent = 'globalThis.injected = true'
        }),
        html: refuses(() => {
          box.innerHTML = '<img src=x onerror="globalThis.injected = true">'
        }),
      }
      const style = document.createElement('style')
      style.append('body { outline: 3px solid red }')
      box.append(style)
      await fetch('https://example.org/').catch(() => undefined)
      const awaited = ['style-src-elem', 'connect-src', 'require-trusted-types-for']
      const until = performance.now() + 20_000
      while (!awaited.every((rule) => violations.includes(rule)) && performance.now() < until)
        await new Promise((resolve) => setTimeout(resolve, 50))
      box.remove()
      return {
        refused,
        violations,
        injected: 'injected' in globalThis,
        outline: getComputedStyle(document.body).outlineStyle,
      }
    })
    expect(found).toMatchObject({ refused: { script: true, html: true }, injected: false, outline: 'none' })
    expect(found.violations).toEqual(
      expect.arrayContaining(['style-src-elem', 'connect-src', 'require-trusted-types-for']),
    )
  })

  it('breaks none of its own rules, on any page or in a dialog', async () => {
    const errors: string[] = []
    app.page.on('console', (message) => message.type() === 'error' && errors.push(message.text()))
    await app.page.reload()
    await app.page.getByRole('button', { name: 'Add a host' }).click()
    await app.page.getByRole('dialog').waitFor()
    await app.page.keyboard.press('Escape')
    for (const [, page] of menuPages) {
      await app.page.evaluate((hash) => {
        window.location.hash = hash
      }, page)
      await app.page.getByRole('heading').first().waitFor()
    }
    expect(errors).toEqual([])
  })

  it.each([
    ['geolocation', 'denied'],
    ['camera', 'denied'],
    ['microphone', 'denied'],
    // Trouble of hosts is told on the desktop.
    ['notifications', 'granted'],
  ])('asks nobody about %s: %s', async (name, answer) => {
    const state = await app.page.evaluate(
      async (permission) => (await navigator.permissions.query({ name: permission as PermissionName })).state,
      name,
    )
    expect(state).toBe(answer)
  })

  it('stays on its page and opens no windows, whatever the page does', async () => {
    const before = app.page.url()
    const opened = await app.page.evaluate(() => window.open('https://example.org/') !== null)
    await app.page.evaluate(() => {
      window.location.href = 'https://example.org/'
    })
    await app.page.waitForTimeout(300)
    expect(app.page.url()).toBe(before)
    const windows = await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length, undefined)
    expect(windows).toBe(1)
    // The stand-in lets a window appear before the shell's answer takes it away; Electron's never does.
    if (realElectron !== undefined) expect(opened).toBe(false)
    await expect.poll(() => app.page.context().pages().length).toBe(1)
  })

  it('trusts no certificate that is in doubt', async () => {
    const answers = await app.evaluate(({ app: electron }) => {
      const told: unknown[] = []
      const event = { preventDefault: () => told.push('prevented') }
      const answer = (isTrusted: boolean) => told.push(isTrusted)
      electron.emit('certificate-error', event, {}, 'https://example.org/', 'self signed', {}, answer)
      return told
    }, undefined)
    expect(answers).toEqual(['prevented', false])
  })

  it.each(menuPages)('leads to %s by its menu', async (label, page) => {
    await app.evaluate(({ Menu }, id) => {
      const item = Menu.getApplicationMenu()?.getMenuItemById(id) as unknown as { click(): void }
      item.click()
    }, `page-${label.toLowerCase()}`)
    await expect.poll(() => new URL(app.page.url()).hash || '#/').toBe(page)
    await app.page.getByRole('heading', { name: label, exact: true }).first().waitFor()
  })

  it('prints its page to a PDF', async () => {
    const text = await app.evaluate(async ({ BrowserWindow }) => {
      const window = BrowserWindow.getAllWindows()[0]
      const pdf = await window?.webContents.printToPDF({ pageSize: 'A4', printBackground: true })
      return pdf?.subarray(0, 5).toString()
    }, undefined)
    expect(text).toBe('%PDF-')
  })

  it.skipIf(onlyStandIn !== undefined)('says in the tray how the fleet is', async () => {
    const tooltip = () =>
      app.evaluate(
        ({ Tray }) => (Tray as unknown as { all: { tooltip: string }[] }).all[0]?.tooltip,
        undefined,
      )
    await expect.poll(tooltip, { timeout: withinMs }).toBe('Singleton Workbench: No hosts yet')
  })

  it('goes to a page that a second start names, and ends that start', async () => {
    await app.page.getByText('Fleet', { exact: true }).first().click()
    await app.page.getByRole('button', { name: 'This machine' }).click()
    await expect
      .poll(() => app.evaluate(({ app: electron }) => electron.isReady(), undefined), { timeout: withinMs })
      .toBe(true)
    const hosts = join(home, 'data/hosts.json')
    await expect
      .poll(() => existsSync(hosts) && readFileSync(hosts, 'utf8'), { timeout: withinMs })
      .toMatch(/local/)
    const name = /"name":\s*"([^"]+)"/.exec(readFileSync(hosts, 'utf8'))?.[1] ?? ''
    const second = forkStandIn({
      home,
      args: [`singleton://host/${encodeURIComponent(name)}`],
      env: { STAND_IN_SECOND: '1' },
    })
    await once(second.child, 'exit')
    expect(second.child.exitCode).toBe(0)
    await expect.poll(() => new URL(app.page.url()).hash, { timeout: withinMs }).toMatch(/^#\/host\/.+/)
  })

  it('asks before it ends work, and goes on when told to', async () => {
    await startPolicy(app)
    const asked = await app.evaluate(async ({ app: electron, dialog }) => {
      const questions: string[] = []
      dialog.showMessageBox = (async (_window: unknown, options: { detail: string }) => {
        questions.push(options.detail)
        return { response: 0, checkboxChecked: false }
      }) as never
      electron.quit()
      const until = Date.now() + 30_000
      while (questions.length === 0 && Date.now() < until)
        await new Promise((resolve) => setTimeout(resolve, 50))
      // A second question would come by then.
      await new Promise((resolve) => setTimeout(resolve, 500))
      return questions
    }, undefined)
    expect(asked).toEqual([expect.stringMatching(/: its policy, which ends with this session/)])
    await app.page.getByText('Policies').first().waitFor()
  })

  it('stops, restores and ends when told to', async () => {
    await app.evaluate(({ app: electron, dialog }) => {
      dialog.showMessageBox = (async () => ({ response: 1, checkboxChecked: false })) as never
      electron.quit()
    }, undefined)
    expect(await app.exited).toBe(0)
    expect(existsSync(join(home, 'data/window.json'))).toBe(true)
    expect(app.output()).not.toMatch(/Error|cannot/)
  })
})

/** On the host page that is shown: changes allowed, and a policy started that only looks, at whatever runs here. */
async function startPolicy({ page }: Launched): Promise<void> {
  await page.evaluate(() => {
    window.location.hash = window.location.hash.replace(/(#\/host\/[^/]+).*/, '$1/policy')
  })
  await page.getByTestId('mode-switch').getByText('Allow changes').click()
  await page.getByRole('dialog').getByTestId('confirm-accept').click()
  await page.locator('[data-testid=policy-start]:not([aria-disabled])').waitFor({ timeout: withinMs })
  await page
    .getByTestId('policy-text')
    .fill('{ "scrub": { "mode": "observe" }, "ksm": { "mode": "observe" } }')
  await page.getByTestId('policy-start').click()
  await page.getByRole('dialog').getByTestId('confirm-accept').click()
  await page.getByTestId('policy-run').waitFor({ timeout: withinMs })
}
