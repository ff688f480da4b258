// Policies by name and their roll-out from the screen, over three hosts with real helpers behind sshd; no guests.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ensureHelper, ensureRenderer } from '../../scripts/built-parts.mjs'
import { type OwnStateHosts, startOwnStateHosts } from '../beds/sshd/own-state-hosts.ts'
import { type Browsing, openChromium } from './chromium.ts'
import { eventually } from './eventually.ts'
import { type ServedWorkbench, serveWorkbench } from './served-workbench.ts'
import { addHost, cannotRun, fleetRow, openTab, skipAfterFailure } from './stage.ts'
import { keepPictures } from './views.ts'

if (cannotRun) console.warn(`skipped: ${cannotRun}`)

const root = join(import.meta.dirname, '../..')
const names = ['alpha', 'beta', 'gamma'] as const
const withinMs = 60_000

describe.skipIf(cannotRun !== undefined)('policies by name', () => {
  let folder: string
  let hosts: OwnStateHosts
  let workbench: ServedWorkbench
  let browsing: Browsing
  const page = (): Page => browsing.page

  beforeAll(async () => {
    await ensureHelper(root, process.execPath, process.env)
    await ensureRenderer(root, process.execPath, process.env)
    folder = mkdtempSync(join(tmpdir(), 'singleton-e2e-'))
    hosts = await startOwnStateHosts(names)
    workbench = await serveWorkbench(folder, 0, { HOME: hosts.home.path })
    browsing = await openChromium(folder)
    await page().goto(workbench.url)
    for (const name of names) {
      await addHost(page(), name, name)
      await fleetRow(page(), name).getByText('Connected', { exact: true }).waitFor({ timeout: withinMs })
    }
  })
  skipAfterFailure()
  afterAll(async () => {
    await browsing?.close()
    await workbench?.stop()
    await hosts?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  async function saveAs(name: string): Promise<void> {
    await page().getByTestId('policy-save').click()
    await page().getByTestId('policy-save-name').fill(name)
    await page().getByTestId('policy-save-accept').click()
    await page().getByTestId('policy-save-name').waitFor({ state: 'detached' })
  }

  it('are saved from the editor, a version for each text', async () => {
    await fleetRow(page(), 'alpha').click()
    await openTab(page(), 'Policy')
    const text = page().getByTestId('policy-text')
    await text.fill('{ "scrub": { "mode": "adaptive" } }')
    await saveAs('nights')
    await page().getByTestId('policy-panel').getByText('version 1').waitFor()
    await text.fill('{ "scrub": { "mode": "observe" } }')
    await page().getByText('version 1, edited and not saved').waitFor()
    await saveAs('nights')
    await page().getByText('version 2', { exact: true }).waitFor()
  })

  it('are compared by version, and one is used again', async () => {
    await page().getByTestId('policy-versions-open').click()
    await page().getByRole('button', { name: 'version 1' }).click()
    const difference = page().getByTestId('policy-difference')
    expect(await difference.locator('[data-kind=out]').textContent()).toContain('"adaptive"')
    expect(await difference.locator('[data-kind=in]').textContent()).toContain('"observe"')
    await keepPictures(page(), 'policy-versions')
    await page().getByTestId('policy-version-use').click()
    await eventually(() => page().getByTestId('policy-text').inputValue()).toContain('adaptive')
    await saveAs('nights')
    await page().getByText('version 3', { exact: true }).waitFor()
  })

  it('are assigned to hosts, and the host page says so', async () => {
    await page().getByRole('link', { name: 'Policies' }).first().click()
    await page().getByTestId('named-policy').getByText('not assigned').waitFor()
    await page().getByRole('button', { name: 'Assign…' }).click()
    await page().getByRole('combobox', { name: 'Hosts' }).last().click()
    for (const name of names) await page().getByRole('option', { name, exact: true }).click()
    await page().keyboard.press('Escape')
    await page().getByTestId('policy-assign-accept').click()
    await page().getByTestId('named-policy').getByText('assigned to alpha, beta, gamma').waitFor()
  })

  it('are not rolled out over hosts in observe mode, which are named', async () => {
    await page().getByTestId('rollout-policy').click()
    await page().getByRole('option', { name: 'nights' }).click()
    await page().getByTestId('rollout-start').hover()
    await page().getByText('In observe mode: alpha, beta, gamma. Allow changes there first.').waitFor()
  })

  it('are rolled out in stages, which show', async () => {
    for (const name of names) await allowChanges(name)
    await page().getByRole('link', { name: 'Policies' }).first().click()
    await page().getByTestId('rollout-policy').click()
    await page().getByRole('option', { name: 'nights' }).click()
    await page().getByTestId('rollout-stages').fill('1, 50%, 100%')
    // A stage that is over before the page shows it cannot be seen: two seconds are few on a busy machine.
    await page().getByTestId('rollout-wait').fill('6')
    await page().getByTestId('rollout-start').click()
    await page()
      .getByRole('dialog')
      .getByText(/session mode/)
      .waitFor()
    await page().getByTestId('confirm-accept').click()
    const state = page().getByTestId('rollout-state')
    await state.getByText(/^stage 2 of 3: /).waitFor({ timeout: withinMs })
    await keepPictures(page(), 'rollout-running')
    await state.getByText('done: 3 of 3 hosts run the policy').waitFor({ timeout: withinMs })
  })

  it('are told apart from what runs', async () => {
    await page().getByTestId('rollout-host').first().getByRole('link').click()
    await page()
      .getByTestId('policy-assigned')
      .getByText('This policy runs here.')
      .waitFor({ timeout: withinMs })
    await keepPictures(page(), 'policy-assigned')
  })

  it('are stopped on all hosts, and everything is put back', async () => {
    await page().getByRole('link', { name: 'Policies' }).first().click()
    await page().getByTestId('rollout-stop').click()
    await page()
      .getByTestId('rollout-state')
      .getByText(/^stopped at stage 3 of 3: .* stopped it$/)
      .waitFor({ timeout: withinMs })
    await eventually(() => page().getByTestId('rollout-host').allTextContents()).toHaveLength(3)
    for (const { home } of hosts.sshds.values()) {
      const path = join(home, 'state/audit.jsonl')
      expect(existsSync(path)).toBe(true)
      expect(readFileSync(path, 'utf8').trim().split('\n').at(-1)).toContain('"policy stop"')
    }
    await keepPictures(page(), 'rollout-stopped')
    expect(browsing.errors).toEqual([])
  })

  async function allowChanges(name: string): Promise<void> {
    await page().getByRole('link', { name: 'Fleet' }).first().click()
    await fleetRow(page(), name).click()
    await openTab(page(), 'Policy')
    await page().getByTestId('mode-switch').getByText('Allow changes').click()
    await page().getByRole('dialog').getByTestId('confirm-accept').click()
    await page().locator('[data-testid=policy-start]:not([aria-disabled])').waitFor({ timeout: withinMs })
  }
})
