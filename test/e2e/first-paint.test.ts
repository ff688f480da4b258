// What the page asks for before its first paint, and that all the rest comes by itself after it. By names and content,
// not by time: `npm run bench -- start-up` measures that.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ensureRenderer } from '../../scripts/built-parts.mjs'
import { type ReplayedFleet, serveReplayedFleet, writeReplayedHosts } from '../replay/hosts/replayed-fleet.ts'
import { type Browsing, noChromium, openChromium } from './chromium.ts'
import { skipAfterFailure } from './stage.ts'

if (noChromium) console.warn(`skipped: ${noChromium}`)

const root = join(import.meta.dirname, '../..')
const withinMs = 30_000
const hosts = 100
const laterParts = ['HostPage-', 'ReportsPage-', 'GlossaryPage-', 'AddHostDialog-', 'EditHostDialog-']

describe.skipIf(noChromium !== undefined)('the first paint of a fleet', () => {
  const folder = mkdtempSync(join(tmpdir(), 'singleton-paint-'))
  let fleet: ReplayedFleet | undefined
  let browsing: Browsing

  beforeAll(async () => {
    await ensureRenderer(root, process.execPath, process.env)
    // None can be reached: what is saved is shown, whether or not a host answers.
    writeReplayedHosts(folder, { hosts, guests: 1, down: hosts })
    const served = await serveReplayedFleet(folder, 1)
    fleet = served
    browsing = await openChromium(folder)
    await browsing.page.goto(served.url)
    const { page } = browsing
    await page.getByTestId('fleet-table').locator('tbody tr[data-row]').first().waitFor({ timeout: withinMs })
  })
  skipAfterFailure()
  afterAll(async () => {
    await browsing?.close()
    await fleet?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  /** Names of scripts that were asked for before and after the mark of the first page. */
  const loaded = () =>
    browsing.page.evaluate(() => {
      const drawn = performance.getEntriesByName('first-page-drawn')[0]?.startTime ?? Number.POSITIVE_INFINITY
      const scripts = performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('.js'))
      const named = (chosen: readonly PerformanceEntry[]) => chosen.map(({ name }) => name)
      return {
        before: named(scripts.filter(({ startTime }) => startTime < drawn)),
        after: named(scripts.filter(({ startTime }) => startTime >= drawn)),
      }
    })

  it('asks for the code of the fleet, and for no chart and no other page', async () => {
    for (const part of laterParts)
      await expect.poll(async () => (await loaded()).after.join(), { timeout: withinMs }).toContain(part)
    const { before } = await loaded()
    expect(before.some((name) => /FleetPage/.test(name))).toBe(true)
    expect(before.filter((name) => /(?<!Fleet)Page-|AddHostDialog|EditHostDialog/.test(name))).toEqual([])
    const texts = before.map(readScript)
    expect(texts.filter((text) => text.includes('recharts-'))).toEqual([])
  })

  it('has all the rest a moment later, without anybody asking', async () => {
    const charts = async () =>
      (await loaded()).after.map(readScript).filter((text) => text.includes('recharts-'))
    await expect.poll(async () => (await charts()).length, { timeout: withinMs }).toBeGreaterThan(0)
  })

  it('shows pages and dialogs that are loaded already while the workbench is gone', async () => {
    await fleet?.stop()
    fleet = undefined
    const { page } = browsing
    await page.getByTestId('link-banner').waitFor({ timeout: withinMs })
    await page.evaluate(() => {
      window.location.hash = '#/glossary'
    })
    await page.getByRole('heading', { name: 'Glossary' }).waitFor()
  })
})

function readScript(url: string): string {
  return readFileSync(join(root, 'out/renderer', new URL(url).pathname), 'utf8')
}
