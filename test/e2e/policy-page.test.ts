// The Policy page without guests: who else runs a policy, one that rests, guards that tripped; and what a host does not
// report. Two hosts are real helpers behind sshd, the others are replayed.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ensureHelper, ensureRenderer } from '../../scripts/built-parts.mjs'
import { linkTo } from '../../src/renderer/model/route.ts'
import { policySchema } from '../../src/shared/contract/index.ts'
import { type OwnStateHosts, startOwnStateHosts } from '../beds/sshd/own-state-hosts.ts'
import { type ReplayedFleet, serveReplayedFleet, writeReplayedHosts } from '../replay/hosts/replayed-fleet.ts'
import { runCli } from '../run-cli.ts'
import { type Browsing, noChromium, openChromium } from './chromium.ts'
import { eventually } from './eventually.ts'
import { type ServedWorkbench, serveWorkbench } from './served-workbench.ts'
import { addHost, cannotRun, fleetRow, openTab, skipAfterFailure } from './stage.ts'
import { pictures } from './views.ts'

if (cannotRun) console.warn(`skipped: ${cannotRun}`)

const root = join(import.meta.dirname, '../..')
const withinMs = 60_000

/** For people who look at them. */
async function picture(page: Page, name: string): Promise<void> {
  if (pictures === undefined) return
  mkdirSync(pictures, { recursive: true })
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.screenshot({ path: join(pictures, `${name}-1280-${colorScheme}.png`) })
  }
}

async function allowChanges(page: Page): Promise<void> {
  await page.getByTestId('mode-switch').getByText('Allow changes').click()
  await page.getByRole('dialog').getByTestId('confirm-accept').click()
  await page.locator('[data-testid=policy-start]:not([aria-disabled])').waitFor({ timeout: withinMs })
}

async function start(page: Page): Promise<void> {
  await page.getByTestId('policy-start').click()
  await page.getByRole('dialog').getByTestId('confirm-accept').click()
}

describe.skipIf(cannotRun !== undefined)('the policy page of a host with a helper', () => {
  let folder: string
  let hosts: OwnStateHosts
  let workbench: ServedWorkbench
  let browsing: Browsing
  const page = (): Page => browsing.page

  beforeAll(async () => {
    await ensureHelper(root, process.execPath, process.env)
    await ensureRenderer(root, process.execPath, process.env)
    folder = mkdtempSync(join(tmpdir(), 'singleton-e2e-'))
    hosts = await startOwnStateHosts(['alpha'])
    workbench = await serveWorkbench(folder, 0, { HOME: hosts.home.path })
    browsing = await openChromium(folder)
    await page().goto(workbench.url)
    await addHost(page(), 'alpha', 'alpha')
    await fleetRow(page(), 'alpha').getByText('Connected', { exact: true }).waitFor({ timeout: withinMs })
    await fleetRow(page(), 'alpha').click()
    await openTab(page(), 'Policy')
    await allowChanges(page())
  })
  skipAfterFailure()
  afterAll(async () => {
    await browsing?.close()
    await workbench?.stop()
    await hosts?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  it('tells a second asker who runs a policy and since when, and that it has ended', async () => {
    const policyPath = join(folder, 'policy.json')
    // So long that the page has been refused, was loaded anew and has told of it before this one ends.
    writeFileSync(policyPath, JSON.stringify(policySchema.parse({ scrub: { mode: 'adaptive' } })))
    const began = Date.now()
    const options = ['--policy', policyPath, '--for', '40s', '--json']
    const first = runCli(hosts.home.path, ['policy', 'start', 'alpha', ...options])
    await expect.poll(() => hosts.auditOf('alpha'), { timeout: withinMs }).toContain('policy start')
    await start(page())
    const refusal = page().getByTestId('toast-problem')
    await refusal
      .getByText(/process \d+ \(root\) has been running policy scrub adaptive, KSM observe since/)
      .waitFor({ timeout: withinMs })
    await page().reload()
    const held = page().getByTestId('policy-held')
    await held.waitFor({ timeout: withinMs })
    const said = (await held.textContent()) ?? ''
    expect(said).toMatch(/Process \d+ \(root\) has been running “policy scrub adaptive, KSM observe” since/)
    const since = Date.parse(/since (.*)\. A policy can start/.exec(said)?.[1] ?? '')
    expect(since).toBeGreaterThan(began - 2000)
    await picture(page(), 'policy-held')
    expect((await first).code).toBe(0)
    await held.waitFor({ state: 'detached', timeout: withinMs })
  })

  it('says that a policy rests by its schedule, and until when', async () => {
    const now = new Date().getHours()
    const hour = (ahead: number) => `${String((now + ahead) % 24).padStart(2, '0')}:00`
    const schedule = { windows: [{ from: hour(6), to: hour(7) }] }
    await page()
      .getByTestId('policy-text')
      .fill(JSON.stringify({ scrub: { mode: 'adaptive' }, schedule }))
    await start(page())
    const resting = page().getByTestId('policy-resting')
    await resting.waitFor({ timeout: withinMs })
    expect(await resting.textContent()).toMatch(
      new RegExp(`rests by its schedule, with everything put back, until \\w+,? ${hour(6)} \\(`),
    )
    await picture(page(), 'policy-resting')
    // After a lost tab the page asks what runs.
    await page().reload()
    await resting.waitFor({ timeout: withinMs })
    await page().getByTestId('policy-stop').click()
    await page().getByTestId('policy-start').waitFor({ timeout: withinMs })
    expect(browsing.errors).toEqual([])
  })
})

describe.skipIf(noChromium !== undefined)('what a host tells, and what it does not', () => {
  let folder: string
  let fleet: ReplayedFleet
  let browsing: Browsing
  const page = (): Page => browsing.page
  const open = async (hash: string) => {
    await page().evaluate((there) => {
      location.hash = there
    }, hash)
  }

  beforeAll(async () => {
    await ensureRenderer(root, process.execPath, process.env)
    folder = mkdtempSync(join(tmpdir(), 'singleton-e2e-'))
    writeReplayedHosts(folder, { hosts: 5, guests: 4 })
    fleet = await serveReplayedFleet(folder, 4)
    browsing = await openChromium(folder)
    await page().goto(fleet.url)
    await fleetRow(page(), 'kvm005').getByText('Connected', { exact: true }).waitFor({ timeout: withinMs })
  })
  skipAfterFailure()
  afterAll(async () => {
    await browsing?.close()
    await fleet?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  it('shows a guard that tripped, and for how long the policy backs off', async () => {
    await open(linkTo('hostPolicy', { hostId: 'kvm005' }))
    await allowChanges(page())
    await start(page())
    const note = page().getByTestId('policy-backs-off')
    await note.waitFor({ timeout: withinMs })
    expect(await note.textContent()).toContain('regret of streams: 0.31, bound 0.10; paused for 42 s')
    const bar = page().getByRole('progressbar', { name: /^regret of streams: 0\.31, bound 0\.10; paused/ })
    expect(await bar.getAttribute('aria-valuenow')).toBe('100')
    await page().getByText('read latency', { exact: true }).waitFor()
    await picture(page(), 'policy-tripped')
    await page().getByTestId('policy-stop').click()
    await page().getByTestId('policy-start').waitFor({ timeout: withinMs })
  })

  it('says why reads of a guest, pressure and swap are not reported', async () => {
    await open(linkTo('guest', { hostId: 'kvm005', item: 'web-005-1' }))
    const reads = page().getByTestId('guest-reads')
    await reads.getByText('not reported', { exact: true }).waitFor({ timeout: withinMs })
    expect(await reads.textContent()).toContain(
      'cannot ask the monitor of process 2000: it has none to spare',
    )
    expect(await page().getByTestId('guest-read-latency').textContent()).toMatch(/not reported.*monitor/)
    const pressure = await page().getByTestId('guest-io-pressure').textContent()
    expect(pressure).toMatch(/not reported.*this host has no cgroup v2/)
    await page()
      .getByTestId('chart-ioWaits')
      .getByText(/^Not reported/)
      .waitFor()
    await picture(page(), 'guest-not-reported')
    await open(linkTo('hostOverview', { hostId: 'kvm005' }))
    const load = page().getByTestId('load-facts')
    for (const fact of ['Swap used', 'for storage', 'Waits for memory'])
      await load.getByText(`${fact} not reported by this kernel`).waitFor({ timeout: withinMs })
    await picture(page(), 'host-not-reported')
  })

  it.each([
    {
      subject: 'how long guests wait for storage',
      figure: 'guest-io-pressure',
      chart: 'ioWaits',
      ratio: 0.03,
      digits: 3,
      column: 'guestIoPressureRatio',
    },
    {
      subject: 'the CPU of guests',
      figure: 'guest-cpu',
      chart: 'guestCpu',
      ratio: 0.3,
      // The lengths of samples, by which it is divided, differ by some milliseconds.
      digits: 2,
      column: 'guestCpuRatio',
    },
  ])('shows $subject, in figures, a chart and the CSV', async ({ figure, chart, ratio, digits, column }) => {
    await open(linkTo('guest', { hostId: 'kvm001', item: 'web-001-1' }))
    await page()
      .getByTestId(figure)
      .getByText(`${100 * ratio} %`, { exact: true })
      .waitFor({ timeout: withinMs })
    await page()
      .getByTestId(`chart-${chart}`)
      .locator('[data-line]')
      .first()
      .waitFor({ state: 'attached', timeout: withinMs })
    await picture(page(), figure)
    await open(linkTo('hostMemory', { hostId: 'kvm001' }))
    let values: number[] = []
    // The history has a sample some time after the chart.
    await eventually(async () => {
      const download = page().waitForEvent('download')
      await page().getByTestId('export-history').click()
      const [head = '', ...lines] = (await readFile(await (await download).path(), 'utf8')).split(/\r?\n/)
      const index = head.split(',').indexOf(`${column} web-001-1`)
      values = index < 0 ? [] : lines.flatMap((line) => line.split(',')[index] || []).map(Number)
      return values.length
    }).toBeGreaterThan(0)
    // Counted in whole milliseconds of two seconds.
    for (const value of values) expect(value).toBeCloseTo(ratio, digits)
    expect(browsing.errors).toEqual([])
  })
})
