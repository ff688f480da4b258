// Every page at both sizes, light and dark, over replayed hosts: none is wider than its window. SINGLETON_SCREENSHOTS=1
// renews their pictures in docs/images/pages.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
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
import { type Browsing, noChromium, openChromium } from './chromium.ts'
import { fleetRow } from './stage.ts'
import { renewsDocs, views } from './views.ts'

if (noChromium) console.warn(`skipped: ${noChromium}`)

const root = join(import.meta.dirname, '../..')
const hostId = 'kvm001'
const hosts = 9
const guests = 4
const minute = 60_000
const { gain, check } = replayedExperiments
const items: Readonly<Record<string, string>> = {
  guest: 'web-001-1',
  image: '253:0:100@1764450000',
  ...(renewsDocs && { experiment: gain }),
}

/** What a person does first on a page that shows little before. */
const firstActs: Readonly<Partial<Record<PageId, (page: Page) => Promise<void>>>> = {
  capacity: async (page) => {
    await page.getByTestId('capacity-estimate').click()
    await page.getByText(/more guests on \d of \d hosts now/).waitFor({ timeout: 30_000 })
  },
}

/** Of pages that show little without it. */
const pictured: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  compare: { hosts: 'kvm001,kvm002,kvm003', metric: 'hitRatio', range: '15m' },
  experimentCompare: { a: gain, b: check },
}

describe.skipIf(noChromium !== undefined)('pictures of pages', () => {
  let folder: string
  let fleet: ReplayedFleet
  let browsing: Browsing
  const page = (): Page => browsing.page

  beforeAll(async () => {
    await ensureRenderer(root, process.execPath, process.env)
    folder = mkdtempSync(join(tmpdir(), 'singleton-pictures-'))
    writeReplayedHosts(folder, { hosts, guests, down: 1 })
    const known = Array.from({ length: hosts - 1 }, (_, index) => ({ index, guests }))
    writeReplayedHistory(folder, known, [{ fromAgo: 20 * minute, toAgo: 0, stepMs: 2000 }])
    if (renewsDocs) writeReplayedExperiments(folder, { index: 0, guests })
    fleet = await serveReplayedFleet(folder, guests)
    browsing = await openChromium(folder)
    await page().goto(fleet.url)
    await fleetRow(page(), hostId).getByText('Connected', { exact: true }).waitFor({ timeout: 30_000 })
    if (!renewsDocs) return
    mkdirSync(join(root, 'docs/images/pages'), { recursive: true })
    await takeMap(page())
  })
  afterAll(async () => {
    await browsing?.close()
    await fleet?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  it.each(views)('fit into $width × $height, $colorScheme', async ({ width, height, colorScheme }) => {
    await page().setViewportSize({ width, height })
    await page().emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    const wider: string[] = []
    for (const id of pageIds) {
      await page().evaluate(
        (hash) => {
          location.hash = hash
        },
        linkTo(id, { hostId, item: items[id] ?? 'none', query: (renewsDocs && pictured[id]) || {} }),
      )
      await page().locator('main').waitFor()
      if (renewsDocs) await firstActs[id]?.(page())
      await page().waitForTimeout(renewsDocs ? 1500 : 200)
      const { document: whole, window: shown } = await page().evaluate(() => ({
        document: document.documentElement.scrollWidth,
        window: innerWidth,
      }))
      if (whole > shown) wider.push(`${entryOf(id).title}: ${whole} of ${shown}`)
      await page().mouse.move(0, 0)
      if (renewsDocs)
        await page().screenshot({ path: join(root, `docs/images/pages/${id}-${width}-${colorScheme}.png`) })
    }
    expect(wider).toEqual([])
    expect(browsing.errors).toEqual([])
  })
})

/** The page keeps it until it is loaded again. */
async function takeMap(page: Page): Promise<void> {
  await page.evaluate(
    (hash) => {
      location.hash = hash
    },
    linkTo('hostMap', { hostId }),
  )
  await page.getByTestId('map-take').click()
  await page.getByTestId('map-legend').waitFor({ timeout: 30_000 })
}
