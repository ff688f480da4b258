// Hosts as an admin brings, names, tests and audits them, in a real browser against the sshd of a lab host.
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { smallContents } from '../beds/lab/lab.ts'
import { eventually } from './eventually.ts'
import { manyHosts, manyHostsText, nameOf, scrollToEnd } from './long-fleet.ts'
import {
  cannotRun,
  fleetRow,
  openTab,
  type Stage,
  skipAfterFailure,
  upStage,
  waitForResult,
} from './stage.ts'

if (cannotRun) console.warn(`skipped: ${cannotRun}`)

const withinMs = 60_000
const longTag = 'g'.repeat(65)
const inventory = `
[kvm]
lab-a
shut ansible_host=127.0.0.1 ansible_port=1 ansible_user=root
[rack1:children]
kvm
[${longTag}]
lab-a
[kvm:vars]
ansible_become=true
`

describe.skipIf(cannotRun !== undefined)('hosts in a browser', () => {
  let stage: Stage
  const page = (): Page => stage.page
  const hostsFile = () => join(stage.folder, 'data/hosts.json')
  const lab = () => {
    const [host] = stage.lab.hosts
    if (!host) throw new Error('the lab has no host')
    return host
  }

  beforeAll(async () => {
    stage = await upStage({ lab: { hosts: [{ name: 'lab-a', guests: 1 }], ...smallContents } })
  })
  skipAfterFailure()
  afterAll(() => stage?.down())

  it('shows what a pasted inventory would add, with the problem at its host, and adds it', async () => {
    await page().getByRole('button', { name: 'Paste or import a list' }).click()
    await page().getByRole('textbox', { name: 'Hosts to import' }).fill(inventory)
    const rows = page().getByTestId('import-preview').locator('tbody tr')
    await eventually(() => rows.count()).toBe(2)
    expect(await rows.nth(0).textContent()).toMatch(/lab-a.*127\.0\.0\.1.*kvm.*rack1.*longer than 64/)
    expect(await rows.nth(1).textContent()).toMatch(/shut.*root@127\.0\.0\.1:1/)
    await page().getByRole('button', { name: 'Add 2 hosts' }).click()
    await fleetRow(page(), 'lab-a').getByText('Connected', { exact: true }).waitFor({ timeout: withinMs })
    await fleetRow(page(), 'shut').getByText('Down').waitFor({ timeout: withinMs })
    await fleetRow(page(), 'shut').getByText('rack1').waitFor()
  })

  it('reads a file, and says which hosts are known already and which lines are no hosts', async () => {
    await page().getByRole('button', { name: 'Add host' }).click()
    await page().getByRole('tab', { name: 'Paste or import' }).click()
    const chooser = page().waitForEvent('filechooser')
    await page().getByRole('button', { name: 'Choose a file…' }).click()
    const text = 'lab-a again\n-oProxyCommand=x\nkvm09 nine spare\n'
    await (await chooser).setFiles({ name: 'hosts.txt', mimeType: 'text/plain', buffer: Buffer.from(text) })
    await page().getByTestId('import-preview').getByText('already saved as lab-a').waitFor()
    expect(await page().getByTestId('import-problems').textContent()).toMatch(/Line 2/)
    expect(await page().getByLabel('Add again', { exact: true }).isDisabled()).toBe(true)
    await page().getByLabel('Add nine', { exact: true }).uncheck()
    await eventually(() => page().getByTestId('add-host-submit').isDisabled()).toBe(true)
    await page().keyboard.press('Escape')
    await page().getByRole('dialog').waitFor({ state: 'detached' })
  })

  it('renames and tags a host by keyboard; the fleet filters and groups by the tag', async () => {
    await page().getByRole('button', { name: 'More for lab-a' }).focus()
    await page().keyboard.press('Enter')
    await page()
      .getByRole('menuitem', { name: /Edit name/ })
      .press('Enter')
    const dialog = page().getByRole('dialog', { name: 'Edit lab-a' })
    await eventually(() =>
      dialog.getByRole('textbox', { name: 'Name' }).evaluate((it) => it === document.activeElement),
    ).toBe(true)
    await page().keyboard.press('Control+A')
    await page().keyboard.type('first')
    await dialog.getByRole('combobox', { name: 'Tags' }).or(dialog.getByLabel('Tags')).last().focus()
    await page().keyboard.type('gold')
    await page().keyboard.press('Enter')
    await dialog.getByTestId('edit-host-save').press('Enter')
    await fleetRow(page(), 'first').getByText('+1').waitFor()
    await eventually(() => JSON.parse(readFileSync(hostsFile(), 'utf8')).hosts[0]).toMatchObject({
      name: 'first',
      address: 'lab-a',
      tags: ['kvm', 'rack1', 'gold'],
    })
    await page().getByLabel('Tag', { exact: true }).first().fill('gold')
    await page().getByRole('option', { name: 'gold' }).click()
    await eventually(() => fleetRow(page(), 'shut').count()).toBe(0)
    await eventually(() => fleetRow(page(), 'first').count()).toBe(1)
    await page().getByLabel('Tag', { exact: true }).first().fill('')
    await page().getByLabel('Group by tag').check({ force: true })
    await eventually(() => page().locator('tr:has(th[scope=rowgroup])').allTextContents()).toHaveLength(3)
    await eventually(() => page().locator('tr:has(th[scope=rowgroup])').first().textContent()).toContain(
      'gold',
    )
    await page().getByLabel('Group by tag').uncheck({ force: true })
  })

  it('explains each step of a connection that fails, and the way out', async () => {
    await page().getByRole('button', { name: 'Add host' }).click()
    await page().getByRole('textbox', { name: 'Address' }).fill('root@127.0.0.1:1')
    await page().getByTestId('test-address').click()
    await page().getByText('A step failed').waitFor({ timeout: withinMs })
    const step = (stage: string) => page().locator(`[data-stage=${stage}]`)
    expect(await step('configuration').getAttribute('data-state')).toBe('ok')
    expect(await step('resolve').getAttribute('data-state')).toBe('skipped')
    expect(await step('tcp').getAttribute('data-state')).toBe('failed')
    expect(await step('tcp').textContent()).toMatch(/connection refused.*What to do: .*sshd/)
    expect(await page().getByTestId('test-steps').textContent()).toContain(
      'Not reached: SSH version, Host key',
    )
    // It says nothing of another address.
    await page().getByRole('textbox', { name: 'Address' }).fill('root@127.0.0.1:2')
    await eventually(() => page().getByTestId('test-steps').count()).toBe(0)
    await page().getByRole('textbox', { name: 'Address' }).fill('root@127.0.0.1:1')
    await page().getByText('A step failed').waitFor()
    await page().keyboard.press('Escape')
  })

  it('explains each step of a connection that works', async () => {
    await fleetRow(page(), 'first').click()
    await page().getByTestId('test-connection').click()
    await page().getByText('The connection works').waitFor({ timeout: withinMs })
    const steps = page().getByTestId('test-steps')
    const text = (await steps.textContent()) ?? ''
    expect(text).toContain(lab().hostKeyFingerprint)
    expect(text).toMatch(/SSH-2\.0-OpenSSH/)
    expect(text).toMatch(/logged in by key .*id_ed25519/)
    expect(text).toMatch(/the login is root.*(this build is at|installed as).*Capabilities.*1 guest, 1 image/)
    expect(await steps.locator('[data-state=failed]').count()).toBe(0)
    await page().keyboard.press('Escape')
  })

  it('filters the log and copies it by keyboard', async () => {
    await page().context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await openTab(page(), 'Log')
    const log = page().getByTestId('host-log')
    await log.getByRole('textbox', { name: 'Filter the log' }).fill('starting the helper')
    await eventually(() => log.locator('[data-level]').allTextContents()).toSatisfy(
      (lines: string[]) => lines.length > 0 && lines.every((line) => line.includes('starting the helper')),
    )
    await log.getByRole('button', { name: /^Copy \d+ lines?$/ }).press('Enter')
    await log.getByRole('button', { name: 'Copied' }).waitFor()
    const copied = await page().evaluate(() => navigator.clipboard.readText())
    expect(copied.split('\n').every((line) => line.includes('starting the helper'))).toBe(true)
    expect(copied).toMatch(/^\d{4}-\d\d-\d\dT.* info starting the helper/)
  })

  it('writes a scrub into the audit, with who, from where, before and after', async () => {
    await page().getByTestId('mode-switch').getByText('Allow changes').click()
    await page().getByRole('dialog').getByTestId('confirm-accept').click()
    await page().locator('[data-testid=scrub]:not([aria-disabled])').waitFor({ timeout: withinMs })
    await page().getByTestId('scrub').click()
    await page().getByRole('dialog').getByTestId('confirm-accept').click()
    await waitForResult(page(), 'Evicted')
    await openTab(page(), 'Log')
    const trail = page().getByTestId('audit-trail').locator('tbody tr')
    await eventually(() => trail.first().textContent()).toMatch(/page-cache\/scrub.*resident.*evicted/)
    expect(await trail.first().textContent()).toMatch(/\(workbench\)/)
    expect(await trail.nth(1).textContent()).toMatch(/set mode.*observe.*change/)
    await page().getByTestId('audit-source').getByText('On the host').click()
    await eventually(() => page().getByTestId('audit').textContent()).toMatch(/scrub/)
  })

  it('lists the audit of the fleet, filters it and exports what is shown', async () => {
    await page().getByRole('link', { name: 'Audit' }).click()
    const trail = page().getByTestId('audit-trail').locator('tbody tr')
    await eventually(() => trail.count()).toBeGreaterThan(4)
    await page().getByRole('textbox', { name: 'Filter the audit' }).fill('first scrub')
    await eventually(() => trail.count()).toBe(1)
    const csv = await exported(page(), /^CSV/)
    expect(csv.split('\r\n').filter(Boolean)).toHaveLength(2)
    expect(csv).toMatch(/^at,host,hostId,who,from,action/)
    const [entry] = JSON.parse(await exported(page(), /^JSON/))
    expect(entry).toMatchObject({ host: 'first', action: 'page-cache/scrub', who: 'root' })
    const file = join(stage.folder, 'data/audit.jsonl')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    const kept = readFileSync(file, 'utf8').split('\n').filter(Boolean)
    expect(kept.map((line) => JSON.parse(line))).toContainEqual(entry)
  })

  it('shows a host that the command line adds, without a restart', async () => {
    await page().getByRole('link', { name: 'Fleet' }).click()
    await stage.cli(['hosts', 'add', 'root@127.0.0.1:2', '--name', 'from-cli'])
    await fleetRow(page(), 'from-cli').waitFor({ timeout: withinMs })
    await stage.cli(['hosts', 'remove', 'from-cli'])
    await fleetRow(page(), 'from-cli').waitFor({ state: 'detached', timeout: withinMs })
  })

  it('refuses a changed host key, and the connection test says at which step', async () => {
    const known = lab().hostKeyFingerprint
    await lab().restartSshd({ newHostKey: true })
    await fleetRow(page(), 'first').getByText('Blocked').waitFor({ timeout: withinMs })
    await fleetRow(page(), 'first').click()
    await page().getByTestId('test-connection').click()
    await page().getByText('A step failed').waitFor({ timeout: withinMs })
    const step = page().locator('[data-stage=host-key]')
    expect(await step.getAttribute('data-state')).toBe('failed')
    const text = await step.textContent()
    expect(text).toContain(known)
    expect(text).toContain(lab().hostKeyFingerprint)
    expect(text).toContain('ssh-keygen -R')
    expect(await page().locator('[data-stage=login]').count()).toBe(0)
    await page().keyboard.press('Escape')
  })

  describe('a hundred more', () => {
    const table = () => page().getByTestId('fleet-table')
    const focused = () => table().locator('tr:focus')
    const placeOf = (name: string) => fleetRow(page(), name).getAttribute('aria-rowindex')
    /** With those of before, and the rows of heads and totals. */
    const rowCount = manyHosts + 4

    it('are added at once, and only those near the window stand in the table', async () => {
      await page().getByRole('link', { name: 'Fleet' }).click()
      await page().getByRole('button', { name: 'Add host' }).click()
      await page().getByRole('tab', { name: 'Paste or import' }).click()
      await page().getByRole('textbox', { name: 'Hosts to import' }).fill(manyHostsText())
      const preview = page().getByTestId('import-preview')
      await eventually(() => preview.getAttribute('aria-rowcount')).toBe(String(manyHosts + 1))
      await eventually(() => preview.locator('tbody tr').count()).toBeLessThan(manyHosts / 2)
      await page()
        .getByRole('button', { name: `Add ${manyHosts} hosts` })
        .click()
      await eventually(() => table().getAttribute('aria-rowcount')).toBe(String(rowCount))
      await table().getByRole('button', { name: 'Host', exact: true }).click()
      await eventually(() => placeOf('first')).toBe('2')
    })

    it('scroll to the last', async () => {
      const { mostLines, longTasks } = await scrollToEnd(page())
      const longest = longTasks.length === 0 ? '' : `, the longest of ${Math.max(...longTasks)} ms`
      console.log(
        `scrolling through ${manyHosts + 2} hosts: ${longTasks.length} tasks over 50 ms${longest}; ` +
          `at most ${mostLines} lines in the table`,
      )
      expect(mostLines).toBeLessThan(manyHosts / 2)
      expect(await placeOf('shut')).toBe(String(rowCount - 1))
      await eventually(() => isInWindow(fleetRow(page(), 'shut'))).toBe(true)
    })

    it('are walked through by keyboard, and keep what is selected', async () => {
      await fleetRow(page(), 'shut').focus()
      await page().keyboard.press('Home')
      await eventually(() => focused().textContent()).toContain('first')
      await eventually(() => isInWindow(focused())).toBe(true)
      for (let step = 0; step < 45; step += 1) await page().keyboard.press('ArrowDown')
      await eventually(() => focused().getAttribute('aria-rowindex')).toBe('47')
      await eventually(() => focused().textContent()).toContain(nameOf(44))
      await eventually(() => isInWindow(focused())).toBe(true)
      const box = () => page().getByRole('checkbox', { name: `Select ${nameOf(44)}` })
      await page().keyboard.press('Tab')
      await page().keyboard.press('Space')
      await eventually(() => box().isChecked()).toBe(true)
      await fleetRow(page(), nameOf(44)).focus()
      await page().keyboard.press('End')
      await eventually(() => focused().textContent()).toContain('shut')
      await page().keyboard.press('Home')
      await eventually(() => box().count()).toBe(0)
      await page().getByRole('textbox', { name: 'Filter hosts' }).fill(nameOf(44))
      await eventually(() => table().locator('tbody tr').count()).toBe(1)
      await eventually(() => box().isChecked()).toBe(true)
      await page().getByRole('textbox', { name: 'Filter hosts' }).fill('')
      await eventually(() => table().getAttribute('aria-rowcount')).toBe(String(rowCount))
      expect(stage.browsing.errors).toEqual([])
    })
  })
})

/** Whole, and not below the bar at the top. */
async function isInWindow(row: Locator): Promise<boolean> {
  return row.evaluate((element) => {
    const { top, bottom } = element.getBoundingClientRect()
    const bar = document.querySelector('header')?.getBoundingClientRect().bottom ?? 0
    return top >= bar && bottom <= innerHeight
  })
}

async function exported(page: Page, format: RegExp): Promise<string> {
  await page.getByRole('button', { name: 'Export audit' }).click()
  const download = page.waitForEvent('download')
  await page.getByRole('menuitem', { name: format }).click()
  return readFileSync(await (await download).path(), 'utf8')
}
