// The comparison and documents in a real browser, over replayed hosts with history: their figures follow from a formula.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ensureRenderer } from '../../scripts/built-parts.mjs'
import { report as reportShape } from '../../src/shared/contract/index.ts'
import { wallClock } from '../../src/shared/time/wall-clock.ts'
import { type ReplayedFleet, serveReplayedFleet, writeReplayedHosts } from '../replay/hosts/replayed-fleet.ts'
import { writeReplayedHistory } from '../replay/hosts/replayed-history.ts'
import { type Browsing, noChromium, openChromium } from './chromium.ts'
import { eventually } from './eventually.ts'
import { fleetRow, readNumber, skipAfterFailure } from './stage.ts'

if (noChromium) console.warn(`skipped: ${noChromium}`)

const root = join(import.meta.dirname, '../..')
const guests = 2
const ids = ['kvm001', 'kvm002', 'kvm003']
const minute = 60_000
const withinMs = 60_000

describe.skipIf(noChromium !== undefined)('comparing and reporting replayed hosts', () => {
  let folder: string
  let fleet: ReplayedFleet
  let browsing: Browsing
  const page = (): Page => browsing.page
  const rows = () => page().getByTestId('compare-table').locator('tbody tr[data-row]')

  beforeAll(async () => {
    await ensureRenderer(root, process.execPath, process.env)
    folder = mkdtempSync(join(tmpdir(), 'singleton-compare-'))
    writeReplayedHosts(folder, { hosts: ids.length, guests })
    const known = ids.map((_, index) => ({ index, guests }))
    writeReplayedHistory(folder, known, [{ fromAgo: 40 * minute, toAgo: 0, stepMs: 10_000 }])
    fleet = await serveReplayedFleet(folder, guests)
    browsing = await openChromium(folder)
    await page().goto(fleet.url)
    await fleetRow(page(), 'kvm003').getByText('Connected', { exact: true }).waitFor({ timeout: withinMs })
  })
  skipAfterFailure()
  afterAll(async () => {
    await browsing?.close()
    await fleet?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  it('ranks the hosts of its address, best first, in one chart or one for each', async () => {
    await show(page(), `#/compare?hosts=${ids.join(',')}&metric=hitRatio&range=1h`)
    await eventually(() => rows().count()).toBe(3)
    // The higher its number, the more a replayed host fetches from storage.
    await eventually(() => rows().locator('a').allTextContents()).toEqual(ids)
    await page().getByText('Chart for each').click()
    await eventually(() => page().getByTestId('compare-multiple').count()).toBe(3)
    await eventually(() => page().url()).toContain('as=multiples')
    await page().getByText('One chart').click()
  })

  it('exports a report that begins with the comparison that is shown', async () => {
    const download = page().waitForEvent('download', { timeout: withinMs })
    await page().getByRole('button', { name: 'Export report' }).click()
    await page().getByRole('menuitem', { name: /^JSON/ }).click()
    const { comparison, hosts } = reportShape.parse(
      JSON.parse(readFileSync(await (await download).path(), 'utf8')),
    )
    expect(hosts.map(({ name }) => name)).toEqual(ids)
    expect(comparison).toMatchObject({ metric: 'hitRatio', per: 'host', unit: 'ratio' })
    expect(comparison?.rows.map(({ name, rank }) => [rank, name])).toEqual([
      [1, 'kvm001'],
      [2, 'kvm002'],
      [3, 'kvm003'],
    ])
    const shown = await readNumber(rows().first().locator('[data-value]').first(), 'data-value')
    expect(comparison?.rows[0]?.mean).toBeCloseTo(shown ?? 0, 3)
  })

  it('shows every quantity of one host before and after a moment', async () => {
    const moment = new Date(wallClock() - 20 * minute).toISOString()
    await show(page(), `#/compare?hosts=kvm001&metric=mergedBytes&range=1h&moment=${moment}`)
    const spans = page().getByTestId('spans-table')
    await eventually(() => spans.locator('tbody tr[data-row]').count()).toBeGreaterThan(20)
    const breaks = spans.locator('tr', { hasText: 'Merged pages broken by writes' })
    await eventually(() => breaks.locator('[data-value]').count()).toBe(2)
    await eventually(() => readNumber(breaks.locator('[data-value]').first(), 'data-value')).toBeCloseTo(
      14,
      0,
    )
    await breaks.getByText('Merged pages broken by writes').hover()
    await page().getByRole('tooltip').getByText('cow_ksm of /proc/vmstat').waitFor()
  })

  it('prints what it shows, on white, without what only works on screen', async () => {
    await page().emulateMedia({ media: 'print', colorScheme: 'dark' })
    const scheme = () => page().locator('html').getAttribute('data-mantine-color-scheme')
    await eventually(scheme).toBe('light')
    await eventually(() => page().locator('header').first().isVisible()).toBe(false)
    await eventually(() => page().getByTestId('spans-table').isVisible()).toBe(true)
    await eventually(() => page().getByRole('button').count()).toBe(0)
    await page().emulateMedia({ media: 'screen', colorScheme: 'dark' })
    await eventually(scheme).toBe('dark')
    await page().emulateMedia({ media: 'screen', colorScheme: 'light' })
  })

  it('has what a report is made of, and its button, in one row', async () => {
    await show(page(), '#/reports')
    const parts = [
      page().getByLabel('Title'),
      page().getByRole('radiogroup', { name: 'Format' }),
      page().getByTestId('report-make'),
    ]
    const ends = parts.map(async (part) => {
      const { y = Number.NaN, height = Number.NaN } = (await part.boundingBox()) ?? {}
      return Math.round(y + height)
    })
    expect(new Set(await Promise.all(ends)).size).toBe(1)
  })

  it('keeps a template, makes a report by it, and lets it go', async () => {
    await show(page(), '#/reports')
    await page().getByLabel('Title').fill('Week of kvm')
    await page().getByLabel('Save as a template').fill('mine')
    await page().getByRole('radiogroup', { name: 'Format' }).getByText('HTML').click()
    await page().getByRole('button', { name: 'Save', exact: true }).click()
    const templates = page().getByTestId('report-templates').locator('tbody tr[data-row]')
    await eventually(() => templates.count()).toBe(4)
    await eventually(() => templates.first().textContent()).toMatch(/^mineWeek of kvmall.*7 daysHTMLall/)
    const made = page().waitForEvent('download', { timeout: withinMs })
    await page().getByTestId('template-make-mine').click()
    const html = readFileSync(await (await made).path(), 'utf8')
    expect(html).toContain('<title>Week of kvm</title>')
    for (const name of ids) expect(html).toContain(name)
    await page().getByTestId('template-remove-mine').click()
    await eventually(() => templates.count()).toBe(3)
    expect(browsing.errors).toEqual([])
  })
})

async function show(page: Page, address: string): Promise<void> {
  await page.evaluate((hash) => {
    location.hash = hash
  }, address)
}
