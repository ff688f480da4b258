// Capacity in a real Chromium, over replayed hosts: empty, loading, estimated, stale and wrong; by keyboard, in both
// themes and at both sizes; of one host and of the fleet. On real hosts: see.test.ts.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import axe from 'axe-core'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ensureRenderer } from '../../scripts/built-parts.mjs'
import { type ReplayedFleet, serveReplayedFleet, writeReplayedHosts } from '../replay/hosts/replayed-fleet.ts'
import { type Browsing, noChromium, openChromium } from './chromium.ts'
import { eventually } from './eventually.ts'
import { dismissReports, fleetRow, readNumber, skipAfterFailure, waitForResult } from './stage.ts'

if (noChromium) console.warn(`skipped: ${noChromium}`)

const root = join(import.meta.dirname, '../..')
const pictures = join(root, 'test/results')
const withinMs = 30_000
/** Its images lie on disks that the kernel counts; of `staleHost` a guest has ended since it was assessed. */
const hostId = 'kvm001'
const staleHost = 'kvm003'
const sizes = [
  { width: 1280, height: 800 },
  { width: 1920, height: 1080 },
] as const

describe.skipIf(noChromium !== undefined)('capacity', () => {
  let folder: string
  let fleet: ReplayedFleet
  let browsing: Browsing
  const page = (): Page => browsing.page
  const show = (link: string) =>
    page().evaluate((hash) => {
      location.hash = hash
    }, link)

  beforeAll(async () => {
    await ensureRenderer(root, process.execPath, process.env)
    mkdirSync(pictures, { recursive: true })
    folder = mkdtempSync(join(tmpdir(), 'singleton-capacity-'))
    writeReplayedHosts(folder, { hosts: 4, guests: 4, down: 1 })
    fleet = await serveReplayedFleet(folder, 4)
    browsing = await openChromium(folder)
    await page().goto(fleet.url)
    for (const id of [hostId, staleHost])
      await fleetRow(page(), id).getByText('Connected', { exact: true }).waitFor({ timeout: withinMs })
  }, 120_000)
  skipAfterFailure()
  afterAll(async () => {
    await browsing?.close()
    await fleet?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  it('says what an estimate does before there is one, and makes it by keyboard', async () => {
    await show(`#/host/${hostId}/overview`)
    await page().getByTestId('host-tabs').waitFor({ timeout: withinMs })
    await page().keyboard.press('8')
    await page().getByTestId('capacity-empty').waitFor({ timeout: withinMs })
    const estimate = page().getByTestId('capacity-estimate')
    await estimate.focus()
    await page().keyboard.press('Enter')
    await page().getByTestId('capacity-now').waitFor({ timeout: withinMs })
    const now = await readNumber(page().getByTestId('capacity-now-guests'), 'data-best')
    expect(now).toBeGreaterThan(0)
    expect(await page().getByTestId('capacity-now-worst').textContent()).toContain('Bad day')
    const cpu = page().getByTestId('capacity-now').locator('tr[data-resource=cpu] [data-kind]')
    expect(await cpu.getAttribute('data-kind')).toBe('known')
    await page().getByTestId('capacity-policy').getByTestId('policy-would').getByText('reserve').waitFor()
  })

  it('keeps the guest to go by in the address, and says so where there is none of that name', async () => {
    await page().getByTestId('capacity-like').click()
    await page().getByRole('option', { name: 'db-001-2' }).click()
    await eventually(() => page().url()).toContain('like=db-001-2')
    await page().getByTestId('capacity-estimate').click()
    await page().getByTestId('capacity-like-parts').getByText('like db-001-2').waitFor({ timeout: withinMs })
    await show('#/')
    await show(`#/host/${hostId}/capacity?like=nobody`)
    const problem = page().getByTestId('capacity-problem')
    await problem.waitFor({ timeout: withinMs })
    expect(await problem.textContent()).toContain('web-001-1')
  })

  it('shows at once what is known of an assessed host, and that it is of an earlier moment', async () => {
    await show(`#/host/${staleHost}/overview`)
    await page().getByTestId('assess').click()
    await waitForResult(page(), 'could give back')
    await dismissReports(page())
    await show(`#/host/${staleHost}/capacity`)
    await page().getByTestId('capacity-stale').waitFor({ timeout: withinMs })
    const reads = page().getByTestId('capacity-now').locator('tr[data-resource=reads] [data-kind]')
    expect(await reads.getAttribute('data-kind')).toBe('not-known')
    expect(await reads.textContent()).toContain('not known because the kernel counts no disk')
  })

  it('fits both sizes in both themes, and axe finds nothing', async () => {
    await page().evaluate(axe.source)
    for (const { width, height } of sizes)
      for (const colorScheme of ['light', 'dark'] as const) {
        await page().setViewportSize({ width, height })
        await page().emulateMedia({ colorScheme, reducedMotion: 'reduce' })
        const wider = () =>
          page().evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
        await eventually(wider).toBe(0)
        await page().screenshot({
          path: join(pictures, `capacity-${width}-${colorScheme}.png`),
          fullPage: true,
        })
        expect(await violations(page()), `${width} ${colorScheme}`).toEqual([])
      }
  })

  it('adds the fleet up, and tells hosts apart that were not asked', async () => {
    await page().setViewportSize(sizes[0])
    await page().emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' })
    await show('#/capacity')
    const hosts = page().getByTestId('capacity-hosts').locator('tbody tr')
    await eventually(() => hosts.count()).toBe(4)
    await page().getByTestId('capacity-estimate').click()
    await expect
      .poll(() => hosts.locator('[data-kind=known]').count(), { timeout: withinMs })
      .toBeGreaterThan(3)
    await page()
      .getByText(/more guests on 3 of 4 hosts/)
      .first()
      .waitFor({ timeout: withinMs })
    await eventually(() => hosts.getByText('not connected').count()).toBeGreaterThan(0)
    await page().screenshot({ path: join(pictures, 'capacity-fleet.png') })
    await page().getByRole('link', { name: hostId, exact: true }).last().click()
    await page().getByTestId('capacity').waitFor({ timeout: withinMs })
  })

  it('logged no error', () => {
    expect(browsing.errors).toEqual([])
  })
})

/** Rules of accessibility that the page breaks. */
function violations(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const { axe: tool } = window as unknown as { axe: typeof axe }
    const { violations: found } = await tool.run(document, { resultTypes: ['violations'] })
    return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`)
  })
}
