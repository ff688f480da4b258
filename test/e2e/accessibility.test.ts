// Every page and dialog looked at by axe-core, in both themes, and worked by keyboard alone; over replayed hosts.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ensureRenderer } from '../../scripts/built-parts.mjs'
import { entryOf, type PageId, pageIds } from '../../src/renderer/model/page-table.ts'
import { linkTo } from '../../src/renderer/model/route.ts'
import { replayedExperiments, writeReplayedExperiments } from '../replay/hosts/replayed-experiments.ts'
import { type ReplayedFleet, serveReplayedFleet, writeReplayedHosts } from '../replay/hosts/replayed-fleet.ts'
import { writeReplayedHistory } from '../replay/hosts/replayed-history.ts'
import { seriousFaults, settle } from './axe-faults.ts'
import { type Browsing, noChromium, openChromium } from './chromium.ts'
import { dialogs, goTo, hostId, savePolicy } from './dialogs.ts'
import { fleetRow, openTab, waitForResult } from './stage.ts'

if (noChromium) console.warn(`skipped: ${noChromium}`)

const root = join(import.meta.dirname, '../..')
const withinMs = 20_000
const minute = 60_000
/** What the replayed host has of it. */
const items: Readonly<Record<string, string>> = {
  guest: 'web-001-1',
  image: '253:0:100@1764450000',
  experiment: replayedExperiments.gain,
}
/** Of pages that show little without it. */
const queries: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  compare: { hosts: 'kvm001,kvm002,kvm003', metric: 'hitRatio', range: '15m' },
  experimentCompare: { a: replayedExperiments.gain, b: replayedExperiments.check },
}
/** What a person does first on a page that shows little before, or what there is to wait for. */
const fill: Readonly<Partial<Record<PageId, (page: Page) => Promise<void>>>> = {
  hostMap: async (page) => {
    await page.getByTestId('map-take').click()
    await page.getByTestId('map-legend').waitFor()
  },
  capacity: async (page) => {
    await page.getByTestId('capacity-estimate').click()
    await page.getByText(/more guests on \d of \d hosts now/).waitFor()
  },
  compare: (page) => page.getByTestId('compare-table').locator('tbody tr').first().waitFor(),
  experiment: (page) => page.getByTestId('verdict').waitFor(),
  policies: (page) => page.getByTestId('named-policy').first().waitFor(),
}
/** axe takes a second for each page, and many where the machine is busy. */
const patienceMs = 300_000
const themes = ['light', 'dark'] as const
/** What lies over the page, and what of the list of dialogs does not. */
const front = '[role=dialog]:visible, [role=menu]:visible'
const inPage: ReadonlySet<string> = new Set([
  'a chart as a table',
  'a host where changes are allowed',
  'a host that is only observed again',
  'the hosts that are selected',
])

describe.skipIf(noChromium !== undefined)('accessibility', () => {
  let folder: string
  let fleet: ReplayedFleet
  let browsing: Browsing
  const page = (): Page => browsing.page

  beforeAll(async () => {
    await ensureRenderer(root, process.execPath, process.env)
    folder = mkdtempSync(join(tmpdir(), 'singleton-axe-'))
    writeReplayedHosts(folder, { hosts: 4, guests: 4, down: 1 })
    const known = Array.from({ length: 3 }, (_, index) => ({ index, guests: 4 }))
    writeReplayedHistory(folder, known, [{ fromAgo: 15 * minute, toAgo: 0, stepMs: 2000 }])
    writeReplayedExperiments(folder, { index: 0, guests: 4 })
    fleet = await serveReplayedFleet(folder, 4)
    browsing = await openChromium(folder)
    page().setDefaultTimeout(withinMs)
    await page().goto(fleet.url)
    await fleetRow(page(), hostId).getByText('Connected', { exact: true }).waitFor({ timeout: withinMs })
    await goTo(page(), linkTo('hostCache', { hostId }))
    await page().getByTestId('assess').click()
    await waitForResult(page(), 'could give back')
    await page().getByTestId('plan').click()
    await waitForResult(page(), 'nothing was changed')
    await savePolicy(page(), 'nights')
  })
  afterAll(async () => {
    await browsing?.close()
    await fleet?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  for (const colorScheme of themes) {
    describe(`in ${colorScheme} colours`, () => {
      beforeAll(() => page().emulateMedia({ colorScheme, reducedMotion: 'reduce' }))

      it(
        'no page has a serious fault',
        async () => {
          const faults: string[] = []
          for (const id of pageIds) {
            await goTo(page(), linkTo(id, { hostId, item: items[id] ?? 'none', query: queries[id] ?? {} }))
            await page().locator('main').waitFor()
            await fill[id]?.(page())
            await settle(page())
            faults.push(...(await seriousFaults(page())).map((fault) => `${entryOf(id).title}: ${fault}`))
          }
          expect(faults).toEqual([])
        },
        patienceMs,
      )

      it(
        'no dialog has a serious fault',
        async () => {
          const faults: string[] = []
          for (const [name, open] of Object.entries(dialogs)) {
            await goTo(page(), linkTo('hostOverview', { hostId }))
            await page().getByRole('heading', { level: 1, name: hostId }).waitFor()
            await open(page())
            // Its code may be loaded first.
            if (!inPage.has(name)) await page().locator(front).first().waitFor()
            await settle(page())
            faults.push(...(await seriousFaults(page())).map((fault) => `${name}: ${fault}`))
            await page().keyboard.press('Escape')
            await expect.poll(() => page().locator(front).count(), { timeout: withinMs }).toBe(0)
          }
          expect(faults).toEqual([])
        },
        patienceMs,
      )
    })
  }

  it('moves nothing by itself where people ask for reduced motion', async () => {
    await goTo(page(), linkTo('hostOverview', { hostId }))
    await page().getByTestId('chart-memory').waitFor()
    const moving = await page().evaluate(
      () => document.getAnimations().filter(({ playState }) => playState === 'running').length,
    )
    expect(moving).toBe(0)
  })

  it('is worked by keyboard alone: to a host, through its tabs, to the values of a chart', async () => {
    await goTo(page(), linkTo('fleet'))
    await fleetRow(page(), hostId).waitFor()
    const link = page().getByRole('link', { name: hostId, exact: true })
    await tabTo(page(), () => link.evaluate((it) => it === document.activeElement))
    await page().keyboard.press('Enter')
    await page().getByRole('heading', { level: 1, name: hostId }).waitFor()
    await openTab(page(), 'Overview')
    const chart = page().getByRole('slider', { name: 'Memory: read the values' })
    await tabTo(page(), () => chart.evaluate((it) => it === document.activeElement))
    await page().keyboard.press('ArrowLeft')
    await expect
      .poll(() => chart.getAttribute('aria-valuetext'), { timeout: withinMs })
      .toMatch(/Guest RAM [\d.]+ GiB/)
  })
})

const mostTabs = 80

async function tabTo(page: Page, isThere: () => Promise<boolean>): Promise<void> {
  for (let presses = 0; presses < mostTabs; presses += 1) {
    if (await isThere()) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`not reached with ${mostTabs} presses of Tab`)
}
