// What a person chose of how pages look is there at the next start, which has another address.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
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

describe.skipIf(noChromium !== undefined)('what a person chose', () => {
  const folder = mkdtempSync(join(tmpdir(), 'singleton-choices-'))
  let fleet: ReplayedFleet
  let browsing: Browsing
  const scheme = () =>
    browsing.page.evaluate(() => document.documentElement.getAttribute('data-mantine-color-scheme'))
  const start = async () => {
    fleet = await serveReplayedFleet(folder, 1)
    browsing = await openChromium(folder)
    const { page } = browsing
    await page.emulateMedia({ colorScheme: 'light' })
    await page.goto(fleet.url)
    await page.getByTestId('fleet-table').waitFor({ timeout: withinMs })
  }
  const stop = async () => {
    await browsing?.close()
    await fleet?.stop()
  }

  beforeAll(async () => {
    await ensureRenderer(root, process.execPath, process.env)
    writeReplayedHosts(folder, { hosts: 2, guests: 1 })
    await start()
  })
  skipAfterFailure()
  afterAll(async () => {
    await stop()
    rmSync(folder, { recursive: true, force: true })
  })

  it('shows at once', async () => {
    expect(await scheme()).toBe('light')
    const toggle = browsing.page.getByTestId('scheme-toggle')
    await toggle.click()
    await toggle.click()
    await expect.poll(scheme).toBe('dark')
    await browsing.page.getByRole('button', { name: 'Views' }).click()
    const name = browsing.page.getByLabel('Save what is shown as')
    await name.fill('Mine')
    await name.press('Enter')
    await browsing.page.getByRole('link', { name: 'Mine' }).waitFor()
    // It is on its way to the workbench, which is about to end.
    const kept = join(folder, 'choices.json')
    await expect
      .poll(() => existsSync(kept) && readFileSync(kept, 'utf8'), { timeout: withinMs })
      .toMatch(/Mine/)
  })

  it('is there at the next start', async () => {
    const before = new URL(fleet.url).port
    await stop()
    await start()
    expect(new URL(fleet.url).port).not.toBe(before)
    await expect.poll(scheme, { timeout: withinMs }).toBe('dark')
    await browsing.page.getByRole('button', { name: 'Views' }).click()
    await browsing.page.getByRole('link', { name: 'Mine' }).waitFor({ timeout: withinMs })
    expect(browsing.errors).toEqual([])
  })
})
