// Passwords in the system's store of secrets: kept when somebody ticks it, used at the next start, forgotten on request,
// refused where the store protects nothing. Main and page as built, on the stand-in.
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ensureApp } from '../../scripts/built-parts.mjs'
import { type Launched, launch, realElectron } from '../electron/launch.ts'
import { type PasswordHost, startPasswordHost } from '../electron/password-host.ts'
import { noChromium } from './chromium.ts'
import { addHost, skipAfterFailure } from './stage.ts'

const cannotRun =
  realElectron === undefined ? noChromium : 'a real Electron uses the keyring of whoever runs the tests'
if (cannotRun) console.warn(`skipped: ${cannotRun}`)

const root = join(import.meta.dirname, '../..')
const withinMs = 30_000
const password = 'correct-horse-battery'

describe.skipIf(cannotRun !== undefined)('passwords of the desktop app', () => {
  const home = mkdtempSync(join(tmpdir(), 'singleton-secrets-'))
  let host: PasswordHost
  let app: Launched
  const page = (): Page => app.page
  const dialog = () => page().getByTestId('secret-dialog').getByRole('dialog')
  const start = async (keyring: string) => {
    app = await launch({ home, env: { STAND_IN_KEYRING: keyring } })
  }
  const end = async () => {
    await app.evaluate(({ app: electron }) => electron.quit(), undefined)
    await app.exited
  }
  const tried = () => expect.poll(() => host.tried.length, { timeout: withinMs })
  const answer = async (text: string, keep: boolean) => {
    await dialog().waitFor({ timeout: withinMs })
    await dialog().getByLabel('Password', { exact: true }).fill(text)
    if (keep) await dialog().getByTestId('keep-secret').check()
    await dialog().getByRole('button', { name: 'Continue' }).click()
  }
  const listKept = async () => {
    await page().getByTestId('help').click()
    await page().getByRole('menuitem', { name: 'Kept passwords…' }).click()
    const list = page().getByTestId('kept-secrets').getByRole('dialog')
    await list.getByTestId('secret-place').waitFor({ timeout: withinMs })
    return list
  }

  beforeAll(async () => {
    await ensureApp(root, ['--logLevel', 'warn'])
    mkdirSync(join(home, 'data'), { recursive: true, mode: 0o700 })
    host = await startPasswordHost(password)
    await start('gnome_libsecret')
  })
  skipAfterFailure()
  afterAll(async () => {
    app?.kill()
    await host?.close()
    rmSync(home, { recursive: true, force: true })
  })

  it('are kept only when that is ticked, which is never so at first', async () => {
    await addHost(page(), `ada@127.0.0.1:${host.port}`, 'box')
    await page().getByTestId('host-key-accept').click({ timeout: withinMs })
    await dialog().waitFor({ timeout: withinMs })
    expect(await dialog().getByTestId('keep-secret').isChecked()).toBe(false)
    expect(await dialog().textContent()).toContain('the keyring of this desktop holds')
    await answer('wrong', false)
    // The same dialog asks again: not to be filled while it still shows the first question.
    await dialog().getByText('That was not accepted.').waitFor({ timeout: withinMs })
    await answer(password, true)
    await tried().toBe(2)
    const secrets = join(home, 'data/secrets.json')
    await expect.poll(() => readFileSync(secrets, 'utf8'), { timeout: withinMs }).toMatch(/"sealed"/)
    expect(readFileSync(secrets, 'utf8')).not.toContain(password)
  })

  it('are used at the next start, without a question', async () => {
    await end()
    await start('gnome_libsecret')
    await tried().toBeGreaterThan(2)
    expect(host.tried.at(-1)).toBe(password)
    expect(await dialog().count()).toBe(0)
    expect(
      readFileSync(join(home, 'data/logs/workbench.log'), { encoding: 'utf8', flag: 'a+' }),
    ).not.toContain(password)
  })

  it('are listed with the place where they lie, and forgotten on request', async () => {
    const list = await listKept()
    expect(await list.textContent()).toMatch(/only what you choose to keep.*ada on ada@127\.0\.0\.1/i)
    await list.getByRole('button', { name: 'Forget', exact: true }).click()
    await list.getByText('No password is kept').waitFor({ timeout: withinMs })
    expect(readFileSync(join(home, 'data/secrets.json'), 'utf8')).not.toContain('sealed')
    await page().keyboard.press('Escape')
  })

  it('are forgotten when the host does not take them any more', async () => {
    await end()
    await start('gnome_libsecret')
    await answer(password, true)
    await expect
      .poll(() => readFileSync(join(home, 'data/secrets.json'), 'utf8'), { timeout: withinMs })
      .toContain('sealed')
    await end()
    host.take('changed')
    await start('gnome_libsecret')
    await dialog().getByText('That was not accepted.').waitFor({ timeout: withinMs })
    await expect
      .poll(() => readFileSync(join(home, 'data/secrets.json'), 'utf8'), { timeout: withinMs })
      .not.toContain('sealed')
  })

  it('cannot be kept where the store is basic_text, which the question says with its reason', async () => {
    await end()
    await start('basic_text')
    await dialog().getByTestId('keep-refused').waitFor({ timeout: withinMs })
    expect(await dialog().textContent()).toContain('a password that is the same everywhere')
    expect(await dialog().getByTestId('keep-secret').count()).toBe(0)
    await page().keyboard.press('Escape')
    const list = await listKept()
    expect(await list.textContent()).toContain('Nothing can be kept on this system.')
  })
})
