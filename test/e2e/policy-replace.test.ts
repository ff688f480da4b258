// A host whose service has the policy of somebody else: named on its page and after an act on many hosts, and replaced only
// after a question. The host is a real helper behind sshd, with a service that no systemd runs.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { ensureRenderer } from '../../scripts/built-parts.mjs'
import { linkTo } from '../../src/renderer/model/route.ts'
import { buildHelper } from '../beds/engine/helper-binary.ts'
import { runSsh } from '../beds/openssh.ts'
import { type OwnStateHosts, startOwnStateHosts } from '../beds/sshd/own-state-hosts.ts'
import { runCli } from '../run-cli.ts'
import { type Browsing, openChromium } from './chromium.ts'
import { type ServedWorkbench, serveWorkbench } from './served-workbench.ts'
import { addHost, cannotRun, fleetRow, openTab, skipAfterFailure } from './stage.ts'

if (cannotRun) console.warn(`skipped: ${cannotRun}`)

const root = join(import.meta.dirname, '../..')
const withinMs = 60_000

describe.skipIf(cannotRun !== undefined)('a service that was given the policy of somebody else', () => {
  let folder: string
  let hosts: OwnStateHosts
  let workbench: ServedWorkbench
  let browsing: Browsing
  const page = (): Page => browsing.page

  beforeAll(async () => {
    const helper = buildHelper()
    await ensureRenderer(root, process.execPath, process.env)
    folder = mkdtempSync(join(tmpdir(), 'singleton-e2e-'))
    writeFileSync(join(folder, 'observing.json'), '{ "scrub": { "mode": "observe" } }')
    hosts = await startOwnStateHosts(['alpha'])
    const service = `setsid env SINGLETON_CONFIG_DIR=/root/etc ${helper} service run >/root/service.log 2>&1 </dev/null &`
    const began = await onAlpha(`mkdir -m 700 /root/etc && { ${service} }`)
    expect(began.code, began.stderr).toBe(0)
    // Before, a policy that is started there would run in the session of whoever starts it.
    const listens = async () => (await onAlpha('test -S "$SINGLETON_RUN_DIR/socket"')).code === 0
    await vi.waitUntil(listens, { timeout: withinMs, interval: 200 })
    workbench = await serveWorkbench(folder, 0, { HOME: hosts.home.path })
    browsing = await openChromium(folder)
    await page().goto(workbench.url)
    await addHost(page(), 'alpha', 'alpha')
    await fleetRow(page(), 'alpha').getByText('Connected', { exact: true }).waitFor({ timeout: withinMs })
    await fleetRow(page(), 'alpha').click()
    await openTab(page(), 'Policy')
    await page().getByTestId('mode-switch').getByText('Allow changes').click()
    await page().getByRole('dialog').getByTestId('confirm-accept').click()
  })
  skipAfterFailure()
  afterAll(async () => {
    await browsing?.close()
    await workbench?.stop()
    await hosts?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  function onAlpha(command: string) {
    const unasked = ['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null']
    return runSsh(['-F', hosts.home.file('config'), ...unasked, 'alpha', command])
  }

  /** By somebody else, from another workbench. */
  async function startObserving(...more: readonly string[]): Promise<void> {
    const policy = ['--policy', join(folder, 'observing.json')]
    const { code, stderr } = await runCli(hosts.home.path, ['policy', 'start', 'alpha', ...policy, ...more])
    expect(code, stderr).toBe(0)
  }

  const runs = (modes: string) =>
    page().getByTestId('policy-panel').getByText(modes, { exact: true }).waitFor({ timeout: withinMs })

  it('is replaced from its page, after a question that names whose it is', async () => {
    await startObserving()
    await runs('scrub observe, KSM observe')
    await page().getByTestId('policy-other-editor').click()
    await page().getByTestId('policy-text').fill('{ "scrub": { "mode": "adaptive" } }')
    await page().getByTestId('policy-save').click()
    await page().getByTestId('policy-save-name').fill('nights')
    await page().getByTestId('policy-save-accept').click()
    await page().locator('[data-testid=policy-start]:not([aria-disabled])').click()
    const dialog = page().getByRole('dialog', { name: 'Start this policy on alpha?' })
    await dialog
      .getByText(/The service runs “scrub observe, KSM observe”, which root \(127\.0\.0\.1\) started on/)
      .waitFor()
    await dialog.getByTestId('confirm-accept').click()
    await runs('scrub adaptive, KSM observe')
    await page().getByTestId('policy-text').waitFor({ state: 'detached' })
  })

  it('keeps it over an act on many hosts, until that act is asked to replace it', async () => {
    await startObserving('--replace')
    await page().evaluate((there) => {
      location.hash = there
    }, linkTo('fleet'))
    await fleetRow(page(), 'alpha').getByRole('checkbox').check({ force: true })
    await page().getByTestId('bulk-bar').getByRole('button', { name: 'Run a policy' }).click()
    await page().getByRole('menuitem', { name: 'nights, version 1…' }).click()
    await page().getByRole('dialog', { name: 'Run nights on 1 host?' }).getByTestId('confirm-accept').click()
    const results = page().getByTestId('bulk-results')
    const whose = /the service has "scrub observe, KSM observe", which root \(127\.0\.0\.1\) set on/
    await results.locator('[data-state=failed]').getByText(whose).waitFor({ timeout: withinMs })
    await page().getByTestId('bulk-replace').click()
    const dialog = page().getByRole('dialog', { name: 'Replace the policy on 1 host?' })
    await dialog.getByText(whose).waitFor()
    await dialog.getByTestId('confirm-accept').click()
    await results.locator('[data-state=done]').getByText('runs nights').waitFor({ timeout: withinMs })
    const status = await runCli(hosts.home.path, ['policy', 'status', 'alpha', '--json'])
    expect(JSON.parse(status.stdout)[0]).toMatchObject({
      run: { mode: 'service', policy: { scrub: { mode: 'adaptive' } } },
    })
    expect(browsing.errors).toEqual([])
  })
})
