// Pages, links and charts in a real browser, over hosts that are played from a formula: no guest, no SSH.
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ensureRenderer } from '../../scripts/built-parts.mjs'
import { formatBytes } from '../../src/shared/units.ts'
import { type ReplayedFleet, serveReplayedFleet, writeReplayedHosts } from '../replay/hosts/replayed-fleet.ts'
import { type Browsing, noChromium, openChromium } from './chromium.ts'
import { dropFile } from './drop-file.ts'
import { eventually } from './eventually.ts'
import { fleetRow, openTab, skipAfterFailure, waitForResult } from './stage.ts'

if (noChromium) console.warn(`skipped: ${noChromium}`)

const root = join(import.meta.dirname, '../..')
const withinMs = 30_000
const host = 'kvm001'
const tabs = ['Overview', 'Memory', 'Cache', 'KSM', 'Policy', 'Log']

describe.skipIf(noChromium !== undefined)('pages of replayed hosts', () => {
  let folder: string
  let fleet: ReplayedFleet
  let browsing: Browsing
  const page = (): Page => browsing.page
  const current = () => page().getByTestId('host-tabs').locator('[aria-current]').textContent()

  beforeAll(async () => {
    await ensureRenderer(root, process.execPath, process.env)
    folder = mkdtempSync(join(tmpdir(), 'singleton-pages-'))
    writeReplayedHosts(folder, { hosts: 3, guests: 4, down: 1 })
    fleet = await serveReplayedFleet(folder, 4)
    browsing = await openChromium(folder)
    await page().goto(fleet.url)
    await fleetRow(page(), host).getByText('Connected', { exact: true }).waitFor({ timeout: withinMs })
  })
  skipAfterFailure()
  afterAll(async () => {
    await browsing?.close()
    await fleet?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  describe('links', () => {
    it('lead to a host, each tab has an address and a title, and Back goes the same way', async () => {
      await page().getByRole('link', { name: host, exact: true }).click()
      await page().getByRole('heading', { level: 1, name: host }).waitFor()
      for (const tab of tabs.slice(1)) await openTab(page(), tab)
      await eventually(() => page().url()).toMatch(/#\/host\/kvm001\/log$/)
      await eventually(() => page().title()).toBe('Log · kvm001 · Singleton Workbench')
      for (const tab of tabs.slice(0, -1).reverse()) {
        await page().goBack()
        await eventually(current).toBe(tab)
      }
      await page().goBack()
      await page().getByTestId('fleet-table').waitFor()
    })

    it('open beside by a middle click', async () => {
      const opened = page().context().waitForEvent('page')
      await page().getByRole('link', { name: host, exact: true }).click({ button: 'middle' })
      const other = await opened
      // It is opened empty, and goes there.
      await eventually(() => other.url()).toMatch(/#\/host\/kvm001\/overview$/)
      await other.close()
    })

    it('are reached by keys alone, which the list of keys tells', async () => {
      await page().keyboard.press('g')
      await page().keyboard.press('a')
      await eventually(() => page().title()).toMatch(/^Audit/)
      await page().goBack()
      await fleetRow(page(), host).focus()
      await page().keyboard.press('Enter')
      await page().getByTestId('host-tabs').waitFor()
      await page().keyboard.press('4')
      await eventually(current).toBe('KSM')
      await page().keyboard.press('?')
      const keys = page().getByRole('dialog', { name: 'Keys' })
      expect(await keys.textContent()).toMatch(/GFFleet.*4Of the host: KSM/)
      await page().keyboard.press('Escape')
      await page().keyboard.press('1')
      await eventually(current).toBe('Overview')
    })
  })

  it('shows the overview without scrolling at 1280 × 800', async () => {
    await page().getByTestId('assess').click()
    await waitForResult(page(), 'could give back')
    await page().getByTestId('chart-memory').locator('.recharts-surface').waitFor()
    const whole = () =>
      page().evaluate(() => [document.documentElement.scrollHeight, document.documentElement.scrollWidth])
    await eventually(whole).toEqual([800, 1280])
  })

  it('draws the charts of the overview in their height at once, in a higher window', async () => {
    await page().setViewportSize({ width: 1920, height: 1080 })
    await openTab(page(), 'Memory')
    await page().evaluate(noteHeights)
    await openTab(page(), 'Overview')
    await page().getByTestId('chart-cache').locator('.recharts-surface').waitFor()
    expect(await page().evaluate(() => (globalThis as Noted).heights)).toEqual([320])
    await page().setViewportSize({ width: 1280, height: 800 })
  })

  it('leads to a guest and to an image, whose parts add up to the whole', async () => {
    await openTab(page(), 'Memory')
    await page().getByTestId('guests').getByRole('link', { name: 'web-001-1' }).click()
    await page().getByRole('heading', { level: 1, name: 'web-001-1' }).waitFor()
    expect(await page().getByTestId('guest-sharing').textContent()).toContain('within itself')
    await eventually(() => page().getByTestId('guest-ram').locator('[data-bytes]').count()).toBe(4)
    // In one look: the whole changes with every sample.
    const { parts, whole } = await page()
      .getByTestId('guest-ram')
      .evaluate((ram) => ({
        parts: [...ram.querySelectorAll('[data-bytes]')].map((one) => Number(one.getAttribute('data-bytes'))),
        whole: Number(ram.querySelector('[data-total]')?.getAttribute('data-total') ?? 'NaN'),
      }))
    expect(parts.reduce((sum, part) => sum + part, 0)).toBe(whole)
    await page().getByTestId('guest-images').getByRole('link').click()
    await page().getByRole('heading', { level: 1, name: 'web-001-1.qcow2' }).waitFor()
    await page().getByTestId('image-guests').getByRole('link', { name: 'web-001-1' }).click()
    await page().getByRole('heading', { level: 1, name: 'web-001-1' }).waitFor()
    await page().goBack()
    await page().goBack()
    await page().goBack()
    await eventually(current).toBe('Memory')
  })

  describe('charts', () => {
    const chart = (id: string) => page().getByTestId(`chart-${id}`)
    const overlay = (id: string) => chart(id).getByRole('slider')

    it('are read by keyboard, with one crosshair over all of them', async () => {
      await openTab(page(), 'Cache')
      await overlay('cache').focus()
      await page().keyboard.press('End')
      await eventually(() => overlay('cache').getAttribute('aria-valuetext')).toMatch(
        /^\d\d:\d\d:\d\d, Image cache [\d.]+ GiB, .*Dirty [\d.]+ MiB/,
      )
      const sliders = page().getByRole('slider', { name: /read the values$/ })
      await eventually(() => sliders.count()).toBeGreaterThan(3)
      const without = async () => (await sliders.count()) - (await page().getByTestId('crosshair').count())
      await eventually(without).toBe(0)
      await eventually(() => page().getByTestId('chart-values').count()).toBe(1)
      await page().keyboard.press('Escape')
      await eventually(() => page().getByTestId('crosshair').count()).toBe(0)
    })

    it('mark what happened, with its text', async () => {
      await eventually(() =>
        chart('cache')
          .getByTestId('mark')
          .evaluateAll((all) => all.map((one) => one.getAttribute('title')).join()),
      ).toMatch(/assessed: [\d.]+ GiB reclaimable/)
    })

    it('become closer where they are dragged over, and go back by a double click and by Back', async () => {
      const box = (await overlay('cache').boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 }
      const drag = async (from: number, to: number) => {
        await page().mouse.move(box.x + box.width * from, box.y + 60)
        await page().mouse.down()
        await page().mouse.move(box.x + box.width * to, box.y + 60, { steps: 4 })
        await page().mouse.up()
      }
      await drag(0.4, 0.997)
      await page().getByTestId('fixed-range').waitFor()
      await eventually(() => page().url()).toMatch(/from=.*&to=/)
      // What was recorded lies at the right end: the workbench is young.
      await overlay('cache').dblclick({ position: { x: 200, y: 60 } })
      await page().getByTestId('fixed-range').waitFor({ state: 'detached' })
      await drag(0.4, 0.997)
      await page().getByTestId('fixed-range').waitFor()
      await page().goBack()
      await page().getByTestId('fixed-range').waitFor({ state: 'detached' })
    })

    it('show two instants that were typed, and every range with labels on its axis', async () => {
      for (const name of ['1 h', '6 h', '24 h', '7 d', '30 d', '90 d']) {
        await page().getByRole('radiogroup', { name: 'Time range' }).getByText(name, { exact: true }).click()
        const labels = chart('cache').locator('.recharts-xAxis .recharts-cartesian-axis-tick')
        await eventually(() => labels.count()).toBeGreaterThan(1)
      }
      await page().getByRole('button', { name: 'From … to' }).click()
      await page().getByLabel('From', { exact: true }).fill('2026-01-02T03:04:05')
      await page().getByLabel('To', { exact: true }).fill('2026-01-02T04:04:05')
      await page().getByRole('button', { name: 'Show', exact: true }).click()
      await page()
        .getByTestId('fixed-range')
        .getByText('2026-01-02 03:04:05 to 2026-01-02 04:04:05')
        .waitFor()
      await chart('cache').getByText('No samples in this range.').waitFor()
      await page().getByRole('button', { name: 'Back to a range that ends now' }).click()
    })

    it('are a table as well, and a file with the same values', async () => {
      await page().getByRole('radiogroup', { name: 'Time range' }).getByText('15 min').click()
      await page().getByRole('button', { name: 'Image cache as a table' }).click()
      const rows = chart('cache').getByRole('table').locator('tbody tr[data-row]')
      await eventually(() => rows.count()).toBeGreaterThan(2)
      const download = page().waitForEvent('download')
      await page().getByRole('button', { name: 'Image cache as CSV' }).click()
      const lines = readFileSync(await (await download).path(), 'utf8')
        .trim()
        .split('\r\n')
      expect(lines[0]).toMatch(/^at,"Image cache, bytes"/)
      expect(lines.length).toBeGreaterThan(3)
      await page().getByRole('button', { name: 'Image cache as a chart' }).click()
    })

    it('leave free memory out of the memory chart, unless it is asked for', async () => {
      await openTab(page(), 'Memory')
      await chart('memory').locator('[data-layer=guestResidentBytes]').waitFor()
      expect(await chart('memory').locator('[data-layer=freeBytes]').count()).toBe(0)
      await page().getByLabel('With free memory').check({ force: true })
      await chart('memory').locator('[data-layer=freeBytes]').waitFor()
      await page().getByLabel('With free memory').uncheck({ force: true })
    })
  })

  it('takes a dropped list of hosts, and stays on its page', async () => {
    const list = join(folder, 'dropped.txt')
    writeFileSync(list, 'nobody@127.0.0.1:9 dropped\n')
    const before = page().url()
    await dropFile(page(), list)
    const dialog = page().getByRole('dialog', { name: 'Add hosts' })
    await dialog.getByTestId('import-summary').getByText('1 host found').waitFor({ timeout: withinMs })
    await page().keyboard.press('Escape')
    expect(page().url()).toBe(before)
  })

  it('says in the settings what is kept where and for how long, and takes what is chosen there', async () => {
    await page().getByTestId('settings').click()
    await page().getByRole('heading', { level: 1, name: 'Settings' }).waitFor()
    const kept = page().getByTestId('kept-place').filter({ hasText: 'hosts.json' })
    await kept.waitFor({ timeout: withinMs })
    expect(await page().getByTestId('data-folder').textContent()).toBe(folder)
    const bytes = statSync(join(folder, 'hosts.json')).size
    expect(await kept.textContent()).toContain(formatBytes(bytes))
    expect(await page().getByTestId('kept-history').textContent()).toContain('5 min31 days')
    const scheme = () => page().evaluate(() => document.documentElement.dataset.mantineColorScheme)
    await page().getByText('Dark', { exact: true }).click()
    await eventually(scheme).toBe('dark')
    await page().getByText('As the system', { exact: true }).click()
    await eventually(scheme).toBe('light')
    await page().getByTestId('settings-notify').getByLabel('Quiet from').fill('22:30')
    await page().getByTestId('notifications').click()
    const asked = page().getByRole('dialog', { name: 'Notifications' }).getByLabel('Quiet from')
    await eventually(() => asked.inputValue()).toBe('22:30')
    await asked.fill('00:00')
    await page().keyboard.press('Escape')
    await page().getByRole('link', { name: 'Fleet' }).first().click()
  })

  it('keeps no passwords in a browser, and says so', async () => {
    await page().getByTestId('help').click()
    await page().getByRole('menuitem', { name: 'Kept passwords…' }).click()
    const place = page().getByTestId('secret-place')
    await place.waitFor({ timeout: withinMs })
    expect(await place.textContent()).toContain('keeps nothing')
    await page().keyboard.press('Escape')
  })

  it('logs no error', () => {
    expect(browsing.errors).toEqual([])
  })
})

type Noted = typeof globalThis & { heights?: number[] }

/** Runs in the page: every height, in pixels, that a plot of the image cache is ever given. */
function noteHeights(): void {
  const heights: number[] = []
  ;(globalThis as Noted).heights = heights
  new MutationObserver(() => {
    const plot = document.querySelector<HTMLElement>(
      '[data-testid=chart-cache] .recharts-responsive-container',
    )
    if (plot && heights.at(-1) !== plot.offsetHeight) heights.push(plot.offsetHeight)
  }).observe(document.body, { subtree: true, childList: true, attributes: true })
}
