// The screens at both sizes, light and dark, on real hosts, kept in test/results for people who look at them. The pictures
// of the documents are of replayed hosts: pictures.test.ts.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { smallContents } from '../beds/lab/lab.ts'
import { eventually } from './eventually.ts'
import {
  addHost,
  cannotRun,
  dismissReports,
  fleetRow,
  openTab,
  type Stage,
  upStage,
  waitForResult,
} from './stage.ts'
import { views } from './views.ts'

if (cannotRun) console.warn(`skipped: ${cannotRun}`)

const root = join(import.meta.dirname, '../..')
const folder = join(root, 'test/results')
const hostNames = ['lab-a', 'lab-b']
const actsWithinMs = 60_000
/** Long enough that the charts show more than a dot. */
const collectsForMs = 6_000

describe.skipIf(cannotRun !== undefined)('screenshots', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await upStage({ lab: { hosts: 2, guests: 2, ...smallContents } })
    mkdirSync(folder, { recursive: true })
    for (const name of hostNames) {
      await addHost(stage.page, name, name)
      await fleetRow(stage.page, name)
        .getByText('Connected', { exact: true })
        .waitFor({ timeout: actsWithinMs })
    }
    for (const name of [...hostNames].reverse()) {
      await openHost(stage.page, name)
      await stage.page.getByTestId('assess').click()
      await waitForResult(stage.page, 'could give back')
      await dismissReports(stage.page)
    }
    await stage.page.waitForTimeout(collectsForMs)
    await stage.page.getByTestId('mode-switch').getByText('Allow changes').click()
    await stage.page.getByTestId('confirm-accept').click()
    await stage.page.locator('[data-testid=scrub]:not([aria-disabled])').click()
    await stage.page.getByTestId('confirm-accept').click()
    await waitForResult(stage.page, 'Evicted')
    await stage.page.waitForTimeout(collectsForMs)
    await dismissReports(stage.page)
  }, 300_000)
  afterAll(() => stage?.down())

  it('switches the merging of a guest of libvirt', async () => {
    const { page } = stage
    await openHost(page, 'lab-b')
    await openTab(page, 'KSM')
    await page.getByTestId('mode-switch').getByText('Allow changes').click()
    await page.getByTestId('confirm-accept').click()
    const button = page.getByRole('button', { name: 'Switch off merging of guest-b1' })
    await page.locator('[data-testid=scrub]:not([aria-disabled])').waitFor({ timeout: actsWithinMs })
    await button.click()
    await page.getByTestId('confirm-accept').click()
    await waitForResult(page, 'switched through libvirt domain')
    const row = page.getByTestId('guests').locator('tbody tr', { hasText: 'guest-b1' })
    await row.locator('[data-merging=off]').waitFor({ timeout: actsWithinMs })
    await dismissReports(page)
  })

  it.each(views)('$width × $height, $colorScheme', async ({ width, height, colorScheme }) => {
    const { page } = stage
    await page.setViewportSize({ width, height })
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await openHost(page, 'lab-a')
    await page.getByTestId('chart-cache').locator('.recharts-surface').first().waitFor()
    await shoot(page, 'host', { width, colorScheme })
    await openHost(page, 'lab-b')
    await openTab(page, 'Memory')
    await page.getByTestId('guests').scrollIntoViewIfNeeded()
    await shoot(page, 'guests', { width, colorScheme })
    await page.getByRole('link', { name: 'Fleet' }).click()
    await page.getByTestId('tile-hosts').getByText('2 of 2 up').waitFor()
    // The lab's hosts are one kernel.
    await page.getByTestId('tile-hosts').getByText('all on one machine').waitFor()
    await eventually(() => page.getByTestId('same-machine').allTextContents()).toEqual([
      'same machine as lab-a',
    ])
    await shoot(page, 'fleet', { width, colorScheme })
    await eventually(() => overflow(page)).toBe(0)
    expect(stage.browsing.errors).toEqual([])
  })
})

async function openHost(page: Page, name: string): Promise<void> {
  const fleet = page.getByRole('link', { name: 'Fleet' })
  if (await fleet.isVisible()) await fleet.click()
  await fleetRow(page, name).click()
  await page.getByRole('heading', { level: 1, name }).waitFor()
}

interface Shot {
  readonly width: number
  readonly colorScheme: string
}

async function shoot(page: Page, screen: string, { width, colorScheme }: Shot): Promise<void> {
  await page.mouse.move(0, 0)
  await page.screenshot({ path: join(folder, `${screen}-${width}-${colorScheme}.png`) })
}

/** Pixels by which the page is wider than the window: a horizontal scroll bar. */
function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
}
