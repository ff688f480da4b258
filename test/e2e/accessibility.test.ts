// Every page and dialog looked at by axe-core, in both themes, and worked by keyboard alone; over replayed hosts.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import axe from 'axe-core'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ensureRenderer } from '../../scripts/built-parts.mjs'
import { entryOf, pageIds } from '../../src/renderer/model/page-table.ts'
import { linkTo } from '../../src/renderer/model/route.ts'
import { type ReplayedFleet, serveReplayedFleet, writeReplayedHosts } from '../replay/hosts/replayed-fleet.ts'
import { type Browsing, noChromium, openChromium } from './chromium.ts'
import { fleetRow, openTab, waitForResult } from './stage.ts'

if (noChromium) console.warn(`skipped: ${noChromium}`)

const root = join(import.meta.dirname, '../..')
const withinMs = 20_000
const hostId = 'kvm001'
/** What the replayed host has of it. */
const items: Readonly<Record<string, string>> = { guest: 'web-001-1', image: '253:0:100@1764450000' }
/** axe takes a second for each page, and many where the machine is busy. */
const patienceMs = 300_000
const themes = ['light', 'dark'] as const

describe.skipIf(noChromium !== undefined)('accessibility', () => {
  let folder: string
  let fleet: ReplayedFleet
  let browsing: Browsing
  const page = (): Page => browsing.page
  const goTo = (link: string) =>
    page().evaluate((hash) => {
      location.hash = hash
    }, link)

  beforeAll(async () => {
    await ensureRenderer(root, process.execPath, process.env)
    folder = mkdtempSync(join(tmpdir(), 'singleton-axe-'))
    writeReplayedHosts(folder, { hosts: 4, guests: 4, down: 1 })
    fleet = await serveReplayedFleet(folder, 4)
    browsing = await openChromium(folder)
    page().setDefaultTimeout(withinMs)
    await page().goto(fleet.url)
    await fleetRow(page(), hostId).getByText('Connected', { exact: true }).waitFor({ timeout: withinMs })
    await goTo(linkTo('hostCache', { hostId }))
    await page().getByTestId('assess').click()
    await waitForResult(page(), 'could give back')
    await page().getByTestId('plan').click()
    await waitForResult(page(), 'nothing was changed')
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
            await goTo(linkTo(id, { hostId, item: items[id] ?? 'none' }))
            await page().locator('main').waitFor()
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
            await goTo(linkTo('hostOverview', { hostId }))
            await page().getByRole('heading', { level: 1, name: hostId }).waitFor()
            await open(page())
            await settle(page())
            faults.push(...(await seriousFaults(page())).map((fault) => `${name}: ${fault}`))
            await page().keyboard.press('Escape')
            await settle(page())
          }
          expect(faults).toEqual([])
        },
        patienceMs,
      )
    })
  }

  it('moves nothing by itself where people ask for reduced motion', async () => {
    await goTo(linkTo('hostOverview', { hostId }))
    await page().getByTestId('chart-memory').waitFor()
    const moving = await page().evaluate(
      () => document.getAnimations().filter(({ playState }) => playState === 'running').length,
    )
    expect(moving).toBe(0)
  })

  it('is worked by keyboard alone: to a host, through its tabs, to the values of a chart', async () => {
    await goTo(linkTo('fleet'))
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

/** By name: how each is opened from the overview of a host. */
const dialogs: Readonly<Record<string, (page: Page) => Promise<void>>> = {
  'the list of keys': (page) => page.keyboard.press('?'),
  'the tour': async (page) => {
    await page.getByTestId('help').click()
    await page.getByRole('menuitem', { name: 'Tour…' }).click()
  },
  'the notifications': (page) => page.getByTestId('notifications').click(),
  'the choice of a range': (page) => page.getByRole('button', { name: 'From … to' }).click(),
  'the edit of a host': (page) => page.getByTestId('edit').click(),
  'the question before changes': (page) => page.getByTestId('mode-switch').getByText('Allow changes').click(),
  'the question before uninstalling': (page) => page.getByTestId('uninstall').click(),
  'a host where changes are allowed': async (page) => {
    await page.getByTestId('mode-switch').getByText('Allow changes').click()
    await page.getByTestId('confirm-accept').click()
    await page.locator('[data-testid=scrub]:not([aria-disabled])').waitFor()
  },
  'the question before a scrub': (page) => page.getByTestId('scrub').click(),
  'the menu of KSM': (page) => page.getByTestId('ksm').click(),
  'the start of KSM': async (page) => {
    await page.getByTestId('ksm').click()
    await page.getByRole('menuitem', { name: 'Start…' }).click()
  },
  'the unmerging of all pages': async (page) => {
    await page.getByTestId('ksm').click()
    await page.getByRole('menuitem', { name: 'Unmerge all…' }).click()
  },
  'the restoring of settings where none are saved': async (page) => {
    await page.getByTestId('ksm').click()
    await page.getByRole('menuitem', { name: 'Restore settings…' }).click()
    await page.getByRole('dialog').getByText('No original settings are saved').waitFor()
    expect(await page.getByTestId('confirm-accept').isDisabled()).toBe(true)
  },
  'a host that is only observed again': async (page) => {
    await page.getByTestId('mode-switch').getByText('Observe').click()
    await page.locator('[data-testid=scrub][aria-disabled]').waitFor()
  },
  'the menu of reports': (page) => page.getByRole('button', { name: 'Export report' }).click(),
  'the connection test': (page) => page.getByTestId('test-connection').click(),
  'the list of hosts': (page) => page.getByRole('button', { name: /switch to another/ }).click(),
  'a chart as a table': (page) => page.getByRole('button', { name: 'Image cache as a table' }).click(),
  'the dialog to add hosts': async (page) => {
    await page.getByRole('link', { name: 'Fleet' }).click()
    await page.getByRole('button', { name: 'Add host' }).click()
  },
  'the columns of the fleet': async (page) => {
    await page.getByRole('link', { name: 'Fleet' }).click()
    await page.getByRole('button', { name: 'Columns' }).click()
  },
  'the hosts that are selected': async (page) => {
    await page.getByRole('link', { name: 'Fleet' }).click()
    await page.getByRole('checkbox', { name: 'Select all hosts that are shown' }).check()
  },
}

/** Serious and critical ones, in a line each: the rule, and where. */
async function seriousFaults(page: Page): Promise<string[]> {
  if (await page.evaluate(() => !('axe' in globalThis))) await page.evaluate(axe.source)
  return page.evaluate(async () => {
    // What is in front, where something is: the page behind it has been looked at.
    const front = [...document.querySelectorAll('[data-portal]')].filter((it) => it.childElementCount > 0)
    const subject = front.at(-1) ?? document
    const found = await (globalThis as typeof globalThis & { axe: typeof axe }).axe.run(subject, {
      resultTypes: ['violations'],
    })
    return found.violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) =>
        nodes.map(
          ({ target, failureSummary }) =>
            `${id}: ${target.join(' ')}: ${failureSummary?.split('\n')[1]?.trim()}`,
        ),
      )
  })
}

/** Menus and dialogs take a moment to stand where they stay. */
async function settle(page: Page): Promise<void> {
  await page.waitForTimeout(250)
}

const mostTabs = 80

async function tabTo(page: Page, isThere: () => Promise<boolean>): Promise<void> {
  for (let presses = 0; presses < mostTabs; presses += 1) {
    if (await isThere()) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`not reached with ${mostTabs} presses of Tab`)
}
