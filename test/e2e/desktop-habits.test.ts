// What a desktop program is expected to do beside its pages: files dropped and saved, appearance, tray, notifications,
// reports printed in a window, crash reports. Main and page as built, on the stand-in.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ensureApp } from '../../scripts/built-parts.mjs'
import { type Launched, launch, realElectron } from '../electron/launch.ts'
import { noChromium } from './chromium.ts'
import { dropFile } from './drop-file.ts'
import { dismissReports, skipAfterFailure } from './stage.ts'

const cannotRun =
  realElectron === undefined
    ? noChromium
    : 'these steps look at what the desktop was told, which only the stand-in keeps'
if (cannotRun) console.warn(`skipped: ${cannotRun}`)

const root = join(import.meta.dirname, '../..')
const withinMs = 30_000

/** Of the stand-in's modules, what this file looks at. */
interface StandIn {
  readonly Menu: {
    getApplicationMenu(): { getMenuItemById(id: string): { click(): void; readonly role?: string } | null }
  }
  readonly Tray: {
    readonly all: {
      readonly tooltip: string
      readonly menu: { readonly items: readonly { id?: string; label?: string; click?(): void }[] }
    }[]
  }
  readonly BrowserWindow: {
    readonly opened: readonly { readonly webPreferences?: object }[]
    getAllWindows(): readonly unknown[]
  }
  readonly app: { getPath(name: string): string }
  readonly nativeTheme: { systemScheme: 'light' | 'dark' }
  readonly crashReporter: { readonly started: unknown }
  readonly shell: { readonly openedPaths: readonly string[] }
  readonly saveDialog: { readonly offered: { defaultPath?: string }[]; answer: (path: string) => string }
}

describe.skipIf(cannotRun !== undefined)('habits of the desktop app', () => {
  const home = mkdtempSync(join(tmpdir(), 'singleton-habits-'))
  let app: Launched
  const page = (): Page => app.page
  const ask = <R, A>(run: (standIn: StandIn, argument: A) => R, argument: A) =>
    app.evaluate(run as never, argument) as Promise<R>
  const poll = <T>(read: () => Promise<T>) => expect.poll(read, { timeout: withinMs })
  const choose = (id: string) =>
    ask(({ Menu }, item) => Menu.getApplicationMenu().getMenuItemById(item)?.click(), id)

  beforeAll(async () => {
    await ensureApp(root, ['--logLevel', 'warn'])
    mkdirSync(join(home, 'data'), { recursive: true, mode: 0o700 })
    app = await launch({ home })
    await page().getByText('Add your first host').waitFor({ timeout: withinMs })
  })
  skipAfterFailure()
  afterAll(() => {
    app?.kill()
    rmSync(home, { recursive: true, force: true })
  })

  it('shows a dropped list of hosts before anything is added', async () => {
    const list = join(home, 'hosts.ini')
    writeFileSync(list, '[rack1]\nkvm01 ansible_host=127.0.0.1 ansible_port=9 ansible_user=nobody\n')
    await dropFile(page(), list)
    const dialog = page().getByRole('dialog', { name: 'Add hosts' })
    await dialog.getByTestId('import-summary').getByText('1 host found').waitFor({ timeout: withinMs })
    expect(existsSync(join(home, 'data/hosts.json'))).toBe(false)
    await dialog.getByTestId('add-host-submit').click()
    await page().getByRole('link', { name: 'kvm01', exact: true }).waitFor({ timeout: withinMs })
  })

  it('shows a dropped policy, keeps it by its name when told to, and starts nothing', async () => {
    const policy = join(home, 'night.json')
    writeFileSync(policy, '{ "scrub": { "mode": "observe" } }')
    await dropFile(page(), policy)
    const dialog = page().getByRole('dialog', { name: 'Policy in night.json' })
    await dialog.getByTestId('keep-policy').click({ timeout: withinMs })
    await page()
      .getByTestId('named-policy')
      .getByText('night', { exact: true })
      .waitFor({ timeout: withinMs })
    expect(await page().getByTestId('named-policy').textContent()).toContain('not assigned')
  })

  it('says what is wrong with a dropped policy, and keeps none of it', async () => {
    const policy = join(home, 'broken.json')
    writeFileSync(policy, '{ "scrub": { "mode": "everything" } }')
    await dropFile(page(), policy)
    const dialog = page().getByRole('dialog', { name: 'Policy in broken.json' })
    await dialog.getByTestId('problem').waitFor({ timeout: withinMs })
    expect(await dialog.getByTestId('keep-policy').isDisabled()).toBe(true)
    await dialog.getByRole('button', { name: 'Cancel' }).click()
  })

  it('says why it does not read a file that is none of these, and stays on its page', async () => {
    const picture = join(home, 'picture.png')
    writeFileSync(picture, Buffer.from([0x89, 0x50, 0, 0]))
    await dropFile(page(), picture)
    await page().getByTestId('toast-problem').getByText('not a text file').waitFor({ timeout: withinMs })
    await dismissReports(page())
    expect(page().url()).toContain('#/policies')
  })

  it('follows the system in light and dark, and the menu where a person chooses there', async () => {
    const scheme = () => page().evaluate(() => document.documentElement.dataset.mantineColorScheme)
    await choose('theme-dark')
    await poll(scheme).toBe('dark')
    const kept = () => {
      const path = join(home, 'data/choices.json')
      return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).choices : undefined
    }
    await poll(async () => kept()).toEqual({ 'color-scheme': 'dark' })
    await choose('theme-light')
    await poll(scheme).toBe('light')
    const system = (to: 'light' | 'dark') =>
      ask(({ nativeTheme }, shown) => {
        nativeTheme.systemScheme = shown
      }, to)
    await system('dark')
    expect(await scheme()).toBe('light')
    await choose('theme-system')
    await poll(scheme).toBe('dark')
    await poll(async () => kept()).toEqual({})
    await system('light')
    await poll(scheme).toBe('light')
  })

  it('says in the tray how the fleet is, also where tooltips are not shown', async () => {
    const tray = () =>
      ask(({ Tray }) => {
        const [shown] = Tray.all
        return [shown?.tooltip, shown?.menu.items[0]?.label]
      }, undefined)
    const line = '0 of 1 hosts connected, 1 with a problem'
    await poll(tray).toEqual([`Singleton Workbench: ${line}`, line])
  })

  it('tells trouble on the desktop once that is allowed', async () => {
    await page().evaluate(() => {
      const told: string[] = []
      const Real = window.Notification
      Object.assign(globalThis, { told })
      window.Notification = class extends Real {
        constructor(title: string, options?: NotificationOptions) {
          super(title, options)
          told.push(title)
        }
      }
    })
    await page().getByTestId('notifications').click()
    // The browser is asked first.
    await page().getByLabel('On the desktop as well').click()
    await poll(() => page().getByLabel('On the desktop as well').isChecked()).toBe(true)
    await page().keyboard.press('Escape')
    await page().evaluate(() => {
      window.location.hash = '#/'
    })
    const list = join(home, 'more.txt')
    writeFileSync(list, 'nobody@127.0.0.1:7 kvm02\n')
    await dropFile(page(), list)
    await page().getByTestId('add-host-submit').click({ timeout: withinMs })
    await poll(() =>
      page().evaluate(() => (globalThis as unknown as { told: string[] }).told.join()),
    ).toMatch(/kvm02/)
  })

  it('prints a report in a window of its own, and saves it in the folder that was used last', async () => {
    const chosen = join(home, 'reports')
    mkdirSync(chosen)
    await ask(({ saveDialog }, folder) => {
      saveDialog.answer = (path: string) => `${folder}/${path.split('/').at(-1)}`
    }, chosen)
    const save = async (format: string) => {
      await page().getByRole('button', { name: 'Export report' }).click()
      await page().getByRole('menuitem', { name: format }).click()
    }
    const offered = () =>
      ask(({ saveDialog }) => saveDialog.offered.map(({ defaultPath }) => defaultPath ?? ''), undefined)
    await save('PDF')
    await poll(async () => (await offered()).length).toBe(1)
    const [first = ''] = await offered()
    expect(first).toBe(join(home, 'Downloads', basename(first)))
    const saved = join(chosen, basename(first))
    await poll(async () => existsSync(saved) && readFileSync(saved).subarray(0, 5).toString()).toBe('%PDF-')
    // The report's window runs no code, has a session of its own, and is gone.
    const windows = () =>
      ask(
        ({ BrowserWindow }) => [
          BrowserWindow.opened.at(-1)?.webPreferences,
          BrowserWindow.getAllWindows().length,
        ],
        undefined,
      )
    const closed = { javascript: false, sandbox: true, contextIsolation: true, nodeIntegration: false }
    await poll(windows).toEqual([expect.objectContaining({ ...closed, partition: 'print' }), 1])
    await save('HTML')
    await poll(async () => (await offered()).length).toBe(2)
    expect((await offered())[1]).toMatch(new RegExp(`^${chosen}/.*\\.html$`))
  })

  it('keeps crash reports on this machine, and leads to its log', async () => {
    expect(await ask(({ crashReporter }) => crashReporter.started, undefined)).toEqual({
      uploadToServer: false,
    })
    await choose('log-folder')
    await choose('crash-folder')
    const dumps = await ask(({ app: electron }) => electron.getPath('crashDumps'), undefined)
    expect(dumps.startsWith(home)).toBe(true)
    await poll(() => ask(({ shell }) => shell.openedPaths, undefined)).toEqual([
      join(home, 'data/logs'),
      dumps,
    ])
  })

  it('asks nobody for newer versions until an address is named, and then tells one without fetching it', async () => {
    const asked: string[] = []
    const feed = createServer(({ url = '' }, response) => {
      asked.push(url)
      response.end('{"version":"99.0.0","page":"https://example.org/99"}')
    })
    await new Promise<void>((resolve) => feed.listen(0, '127.0.0.1', resolve))
    try {
      await page().getByTestId('help').click()
      await page().getByRole('menuitem', { name: 'Newer versions…' }).click()
      const dialog = page().getByTestId('updates').getByRole('dialog')
      await dialog.getByTestId('update-state').getByText('asks nobody').waitFor({ timeout: withinMs })
      const { port } = feed.address() as AddressInfo
      await dialog.getByLabel('Address to ask').fill(`http://127.0.0.1:${port}/latest.json`)
      await dialog.getByRole('button', { name: 'Ask now and once a day' }).click()
      await dialog.getByText('Version 99.0.0 is available').waitFor({ timeout: withinMs })
      await page().keyboard.press('Escape')
      await page().reload()
      await page().getByTestId('update-notice').getByText('Version 99.0.0').waitFor({ timeout: withinMs })
      await page().getByTestId('update-notice').getByRole('button', { name: 'Put away' }).click()
      await poll(() => page().getByTestId('update-notice').count()).toBe(0)
      expect(asked).toEqual(['/latest.json'])
    } finally {
      feed.close()
    }
  })

  it('has the system’s own zoom in its menu', async () => {
    for (const role of ['resetZoom', 'zoomIn', 'zoomOut'])
      expect(await ask(({ Menu }, id) => Menu.getApplicationMenu().getMenuItemById(id)?.role, role)).toBe(
        role,
      )
  })
})
