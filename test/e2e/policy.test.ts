import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readKsmSettings } from '../beds/lab/ksm-settings.ts'
import { smallContents } from '../beds/lab/lab.ts'
import { eventually } from './eventually.ts'
import {
  addHost,
  cannotRun,
  dismissReports,
  fleetRow,
  openTab,
  type Stage,
  skipAfterFailure,
  upStage,
} from './stage.ts'
import { keepPictures } from './views.ts'

if (cannotRun) console.warn(`skipped: ${cannotRun}`)

const hostName = 'lab-a'
const withinMs = 60_000

describe.skipIf(cannotRun !== undefined)('a policy from the screen', () => {
  let stage: Stage
  let found: string
  const page = (): Page => stage.page
  const panel = () => page().getByTestId('policy-panel')

  beforeAll(async () => {
    stage = await upStage({ lab: { hosts: [{ name: hostName, guests: 2 }], ...smallContents } })
    found = JSON.stringify(readKsmSettings())
    await addHost(page(), hostName, hostName)
    await fleetRow(page(), hostName).getByText('Connected', { exact: true }).waitFor({ timeout: withinMs })
    await fleetRow(page(), hostName).click()
    await openTab(page(), 'Policy')
  })
  skipAfterFailure()
  afterAll(() => stage?.down())

  it('is previewed in observe mode, where starting it is refused', async () => {
    expect(await page().getByTestId('policy-start').getAttribute('aria-disabled')).toBe('true')
    await page().getByTestId('policy-dry-run').click()
    const preview = page().getByTestId('policy-preview')
    await preview.getByText('nothing was changed').waitFor({ timeout: withinMs })
    await preview.getByText(/could merge [\d.]+ MiB/).waitFor()
    expect(JSON.stringify(readKsmSettings())).toBe(found)
    await keepPictures(page(), 'policy-preview')
  })

  it('is not shown beside a text that was edited while it was previewed', async () => {
    const text = page().getByTestId('policy-text')
    const preview = page().getByTestId('policy-preview')
    const before = await text.inputValue()
    const other = JSON.stringify({ scrub: { mode: 'observe' } })
    await text.fill(other)
    await page().getByTestId('policy-dry-run').click()
    await text.fill(before)
    // That of the test before goes when the new one comes, and the new one is of the other text.
    await preview.waitFor({ state: 'detached', timeout: withinMs })
    await text.fill(other)
    await preview.getByText('nothing was changed').waitFor()
    await text.fill(before)
    await preview.waitFor({ state: 'detached' })
  })

  it('says how the service stands: here systemd does not run the host, or none is installed', async () => {
    await page()
      .getByTestId('service-state')
      .getByText(/^no service is (possible here|installed)/)
      .waitFor({ timeout: withinMs })
  })

  it('says why a text is no policy, and starts nothing', async () => {
    const text = page().getByTestId('policy-text')
    const before = await text.inputValue()
    await text.fill('{ "scrub": { "mode": "adaptiv" } }')
    await panel()
      .getByText(/scrub\.mode/)
      .waitFor()
    await eventually(() => page().getByTestId('policy-dry-run').getAttribute('aria-disabled')).toBe('true')
    await text.fill(before)
  })

  it('keeps exclusions when the mode changes, takes windows of time, and undoes all of it', async () => {
    const text = page().getByTestId('policy-text')
    const before = await text.inputValue()
    const edited = async () => JSON.parse(await text.inputValue())
    await page().getByTestId('policy-exclude-guests').fill('guest-a2')
    await page().getByTestId('policy-exclude-guests').press('Enter')
    await eventually(edited).toMatchObject({ ksm: { exclude: ['guest-a2'] } })
    await page().getByTestId('policy-mode').click()
    await page()
      .getByRole('option', { name: /^periodic/ })
      .click()
    await eventually(edited).toMatchObject({ scrub: { mode: 'periodic' }, ksm: { exclude: ['guest-a2'] } })
    await page().getByTestId('policy-schedule-add').click()
    const night = { from: '22:00', to: '06:00' }
    await eventually(edited).toMatchObject({ schedule: { windows: [night] } })
    await page().getByTestId('policy-window').getByText('sun', { exact: true }).click()
    const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat']
    await eventually(edited).toMatchObject({ schedule: { windows: [{ days }] } })
    await page().getByLabel('Window 1, to').fill('07:30')
    await eventually(edited).toMatchObject({ schedule: { windows: [{ to: '07:30' }] } })
    await keepPictures(page(), 'policy-editor')
    await text.press('Control+z')
    await eventually(edited).toMatchObject({ schedule: { windows: [{ to: '06:00' }] } })
    for (let count = 0; count < 4; count += 1) await page().getByTestId('policy-undo').click()
    await eventually(() => text.inputValue()).toBe(before)
  })

  it('runs where changes are allowed, and shows what it does', async () => {
    await page().getByTestId('mode-switch').getByText('Allow changes').click()
    await page().getByRole('dialog').getByTestId('confirm-accept').click()
    await page().locator('[data-testid=policy-start]:not([aria-disabled])').waitFor({ timeout: withinMs })
    await page().getByTestId('policy-start').click()
    await page()
      .getByRole('dialog')
      .getByText(/every setting is put back/)
      .waitFor()
    await page().getByRole('dialog').getByTestId('confirm-accept').click()
    await page().getByTestId('policy-run').waitFor({ timeout: withinMs })
    const decisions = page().getByTestId('policy-decisions').locator('li')
    await expect.poll(() => decisions.count(), { timeout: withinMs }).toBeGreaterThan(1)
    await panel().getByText('scrub adaptive, KSM govern').waitFor()
    await expect.poll(() => readKsmSettings().run, { timeout: withinMs }).toBe('1')
    const facts = page().getByTestId('policy-facts')
    for (const fact of ['Came back', 'Huge pages lost', 'ksmd, of one core'])
      await facts.getByText(fact).waitFor()
    await page()
      .getByTestId('policy-realised')
      .getByText(/still mergeable|nothing is mergeable/)
      .waitFor({ timeout: withinMs })
    await keepPictures(page(), 'policy-running')
  })

  it('keeps other changes away, naming itself', async () => {
    await page().getByTestId('scrub').click()
    await page().getByRole('dialog').getByTestId('confirm-accept').click()
    await page()
      .getByTestId('toast-problem')
      .getByText(/policy scrub adaptive, KSM govern/)
      .waitFor({ timeout: withinMs })
  })

  it('would end by uninstalling, which says so first', async () => {
    await page().getByTestId('uninstall').click()
    const dialog = page().getByRole('dialog', { name: `Uninstall the helper from ${hostName}?` })
    await dialog.getByText('A policy runs in this session.').waitFor()
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    await dialog.waitFor({ state: 'detached' })
  })

  it('is stopped, and every setting is as it was found', async () => {
    await page().getByTestId('policy-stop').click()
    await page().getByTestId('policy-start').waitFor({ timeout: withinMs })
    expect(JSON.stringify(readKsmSettings())).toBe(found)
    const history = page().getByTestId('policy-history')
    await history.getByText('the policy ended', { exact: true }).waitFor({ timeout: withinMs })
    await history.getByText(/started a policy in session mode: scrub adaptive, KSM govern/).waitFor()
    await keepPictures(page(), 'policy-stopped')
    await openTab(page(), 'Log')
    await page().getByTestId('audit-trail').getByText('policies/start').first().waitFor({ timeout: withinMs })
  })

  it('leaves nothing on the host but its records once it is uninstalled, which a service forbids', async () => {
    const host = stage.lab.hosts[0] as Stage['lab']['hosts'][number]
    const unit = '/etc/systemd/system/singleton-helper.service'
    const places = '/root/.cache/singleton-workbench /var/lib/singleton-helper/versions'
    const uninstall = async () => {
      await dismissReports(page())
      await page().getByTestId('uninstall').click()
      await page().getByRole('dialog').getByTestId('confirm-accept').click()
    }
    expect((await host.exec(`ls -d ${places} 2>/dev/null || true`)).stdout).not.toBe('')
    await host.exec(`mount -t tmpfs tmpfs /etc/systemd && mkdir /etc/systemd/system && touch ${unit}`)
    await uninstall()
    const refusal = page().getByTestId('toast-problem')
    await refusal.getByText('singleton-helper.service is installed there').waitFor({ timeout: withinMs })
    await refusal.getByText('Remove the service first').waitFor()
    await host.exec('umount /etc/systemd')
    await uninstall()
    const result = page().getByTestId('toast-result')
    await result
      .getByText(/^removed \/root\/\.cache\/singleton-workbench.*kept \/var\/lib\/singleton-helper$/)
      .waitFor({
        timeout: withinMs,
      })
    await page().getByText('Disconnected', { exact: true }).first().waitFor()
    expect((await host.exec(`ls -d ${places} 2>/dev/null || true`)).stdout).toBe('')
    expect((await host.exec('ls /var/lib/singleton-helper')).stdout).toContain('audit.jsonl')
  })
})
