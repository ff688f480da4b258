// Clocks that step, and history that cannot be kept, as a person sees them; this machine is the host, without guests.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeSteppedClock, type SteppedClock } from '../beds/clock/stepped-clock.ts'
import { type Browsing, noChromium, openChromium } from './chromium.ts'
import { eventually } from './eventually.ts'
import { type ServedWorkbench, serveWorkbench } from './served-workbench.ts'

if (noChromium) console.warn(`skipped: ${noChromium}`)

const withinMs = 60_000
const hosts = [
  { id: 'here', name: 'here', address: 'local', mode: 'observe', tags: [] },
  { id: 'shut', name: 'shut', address: 'nobody@127.0.0.1:1', mode: 'observe', tags: [] },
]

describe.skipIf(noChromium !== undefined)('clocks in a browser', () => {
  let folder: string
  let clock: SteppedClock
  let workbench: ServedWorkbench | undefined
  let browsing: Browsing | undefined

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'singleton-clocks-'))
    mkdirSync(join(folder, 'data'))
    writeFileSync(join(folder, 'data/hosts.json'), JSON.stringify({ version: 1, hosts }))
    clock = makeSteppedClock()
  })
  afterEach(async () => {
    await browsing?.close()
    await workbench?.stop()
    clock.remove()
    rmSync(folder, { recursive: true })
  })

  async function open(hash: string): Promise<Browsing> {
    workbench = await serveWorkbench(folder, 0, clock.environment)
    browsing = await openChromium(folder, { height: 1600 })
    await browsing.page.addInitScript(stepDate)
    await browsing.page.goto(workbench.url)
    await browsing.page.evaluate((there) => {
      location.hash = there
    }, hash)
    return browsing
  }

  it('shows the same charts and spans after the browser’s clock has stepped', async () => {
    const { page, errors } = await open('#/host/here/memory')
    const drawn = page.locator('[data-testid=chart-memory] [data-line]')
    // Without guests the first area, of guest RAM, has no height and counts as hidden.
    await drawn.last().waitFor({ state: 'attached', timeout: withinMs })
    await page.getByTestId('chart-pressure').waitFor()
    const since = page.locator('header time').first()
    for (const step of [3_600_000, -3_600_000]) {
      await page.evaluate((by) => Object.assign(window, { stepMs: by }), step)
      await page.waitForTimeout(4000)
      await eventually(() => drawn.count()).toBe(4)
      expect(await since.textContent()).toMatch(/^\d+ (s|min)$/)
    }
    const exported = async () => {
      const download = page.waitForEvent('download')
      await page.getByTestId('export-history').click()
      return (await readFile(await (await download).path(), 'utf8')).split(/\r?\n/)
    }
    expect((await exported())[0]).toContain('memorySomePressureRatio')
    await eventually(async () => (await exported()).length).toBeGreaterThan(4)
    expect(errors).toEqual([])
  })

  it('says how far the clock of a host is off, and goes on, when the workbench’s own has stepped', async () => {
    const { page } = await open('#/host/here/memory')
    await page
      .locator('[data-testid=chart-memory] [data-line]')
      .last()
      .waitFor({ state: 'attached', timeout: withinMs })
    expect(await page.getByTestId('clock-difference').count()).toBe(0)
    clock.set(-3600)
    const notice = page.getByTestId('clock-difference')
    await notice.waitFor({ timeout: withinMs })
    expect(await notice.textContent()).toMatch(/1 h ahead of/)
    expect(await page.getByText('Connected', { exact: true }).count()).toBeGreaterThan(0)
    clock.set(0)
    await notice.waitFor({ state: 'detached', timeout: withinMs })
  })

  it('starts without history, says so on every page and in the log, and why a chart is missing', async () => {
    const database = new DatabaseSync(join(folder, 'data/history.sqlite'))
    database.exec('CREATE TABLE later (it INTEGER); PRAGMA user_version = 99')
    database.close()
    const { page } = await open('#/')
    await page
      .getByTestId('workbench-problem')
      .getByText('a newer workbench wrote it')
      .waitFor({ timeout: withinMs })
    await page.evaluate(() => {
      location.hash = '#/host/here'
    })
    await page.getByText('Read the history').waitFor({ timeout: withinMs })
    await page.getByTestId('workbench-problem').waitFor()
    await eventually(() => workbench?.errors()).toContain('a newer workbench wrote it (schema 99')
  })

  it('says before uninstalling what goes and what stays, and afterwards what came of it', async () => {
    const { page } = await open('#/host/shut')
    await page.getByTestId('uninstall').click({ timeout: withinMs })
    const dialog = page.getByRole('dialog', { name: 'Uninstall the helper from shut?' })
    expect(await dialog.textContent()).toMatch(
      /Removed: .*\.cache\/singleton-workbench.*Kept: .*\/var\/lib\/singleton-helper/,
    )
    await dialog.getByTestId('confirm-accept').click()
    await page.getByText(/^Uninstall: /).waitFor({ timeout: withinMs })
    await page.getByText('Disconnected', { exact: true }).first().waitFor()
  })
})

/** Runs in the page: its wall clock is ahead by `stepMs`, its monotonic clock and timers are its own. */
function stepDate(): void {
  const RealDate = Date
  const ahead = () => ('stepMs' in window ? Number(window.stepMs) : 0)
  window.Date = class extends RealDate {
    constructor(...given: [] | [number]) {
      super(given.length === 0 ? RealDate.now() + ahead() : given[0])
    }
    static override now(): number {
      return RealDate.now() + ahead()
    }
  } as DateConstructor
}
