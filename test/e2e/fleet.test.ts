// The page of the fleet in a real browser, over five hundred hosts that are played from a formula.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ensureRenderer } from '../../scripts/built-parts.mjs'
import { type ReplayedFleet, serveReplayedFleet, writeReplayedHosts } from '../replay/hosts/replayed-fleet.ts'
import { type Browsing, noChromium, openChromium } from './chromium.ts'
import { eventually } from './eventually.ts'
import { holdArrowDown, scrollToEnd } from './long-fleet.ts'
import { fleetRow, skipAfterFailure } from './stage.ts'

if (noChromium) console.warn(`skipped: ${noChromium}`)

const root = join(import.meta.dirname, '../..')
const hosts = 500
const down = 2
/** A filter that leaves so many, of which the first of those that are down is one. */
const fewHosts = 'kvm49'
const few = 10
/** So many that some have not begun when they are cancelled, however late the click comes. */
const manyHosts = 'kvm'
const many = hosts
const withinMs = 120_000
/** How often a key repeats: React refuses a fiftieth drawing that leaves something to draw. */
const held = 120
const notConnected = /not connected since \d\d:\d\d:\d\d/

describe.skipIf(noChromium !== undefined)('a fleet of five hundred', () => {
  let folder: string
  let fleet: ReplayedFleet
  let browsing: Browsing
  const page = (): Page => browsing.page
  const table = () => page().getByTestId('fleet-table')
  /** The hosts that the filter leaves, and no others. */
  const choose = async (filter: string) => {
    const none = page().getByRole('button', { name: 'Select none' })
    if (await none.isVisible()) await none.click()
    await page().getByRole('textbox', { name: 'Filter hosts' }).fill(filter)
    await eventually(() => page().url()).toMatch(new RegExp(`text=${filter}(&|$)`))
    await page().getByRole('checkbox', { name: 'Select all hosts that are shown' }).check()
  }
  const heads = () => table().locator('thead th').allTextContents()

  beforeAll(async () => {
    await ensureRenderer(root, process.execPath, process.env)
    folder = mkdtempSync(join(tmpdir(), 'singleton-fleet-'))
    writeReplayedHosts(folder, { hosts, guests: 2, down })
    writePolicy(folder)
    fleet = await serveReplayedFleet(folder, 2)
    browsing = await openChromium(folder)
    await page().goto(fleet.url)
    await page()
      .getByTestId('tile-hosts')
      .getByText(`${down} of ${hosts} down`)
      .waitFor({ timeout: withinMs })
    await page()
      .getByTestId('tile-hosts')
      .getByText(`${hosts - down} connected`)
      .waitFor({ timeout: withinMs })
  })
  skipAfterFailure()
  afterAll(async () => {
    await browsing?.close()
    await fleet?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  it('says more on hover by one tooltip, of what the cell says now', async () => {
    const cell = table().locator('[data-hint^="Guests "]').first()
    const tooltip = page().getByRole('tooltip')
    await cell.hover()
    await tooltip.getByText(/^Guests .* of /).waitFor()
    await page().keyboard.press('Escape')
    await tooltip.waitFor({ state: 'detached' })
  })

  it('says first which hosts need somebody, why, and what to do', async () => {
    const trouble = page().getByTestId('trouble')
    await eventually(() => trouble.count()).toBe(down)
    await eventually(() => trouble.first().textContent()).toMatch(
      /kvm\d+ host unreachable for .*connection refused.*What to do: Check that the host is up/,
    )
    // In the table they come first as well.
    const first = table().locator('tbody tr').first()
    await eventually(() => first.textContent()).toMatch(/Down|Connecting/)
    await eventually(() => first.textContent()).toMatch(notConnected)
  })

  it('groups by tag with sums, shows the columns that are chosen, and keeps all that in its address', async () => {
    await page().getByLabel('Group by tag').check({ force: true })
    await page().getByRole('button', { name: 'Columns' }).click()
    await page().getByRole('menuitemcheckbox', { name: 'Guests', exact: true }).click()
    await page().getByRole('menuitemcheckbox', { name: 'Hit ratio' }).click()
    await page().keyboard.press('Escape')
    await table().getByRole('button', { name: 'Guests' }).click()
    await page().getByRole('textbox', { name: 'Filter hosts' }).fill('kvm00')
    await eventually(heads).toEqual([
      '',
      'Host',
      'State',
      'Memory',
      'Guests',
      'Reclaimable',
      'Reclaimed',
      'CPU cost',
      '30 min',
      '',
    ])
    const group = table().locator('tr:has(th[scope=rowgroup])').first()
    await eventually(() => group.textContent()).toMatch(/^berlin \d hosts, \d up.*reclaimed/)
    await eventually(() => page().url()).toMatch(/text=kvm00&group=tag&columns=.*guests.*&sort=-guests/)
    await page().reload()
    await eventually(heads).toContain('Guests')
    await eventually(() => page().getByRole('textbox', { name: 'Filter hosts' }).inputValue()).toBe('kvm00')
    await table().locator('th[aria-sort=descending]', { hasText: 'Guests' }).waitFor()
  })

  it('saves a view by a name, and leads back to it', async () => {
    const address = page().url()
    await page().getByRole('button', { name: 'Views' }).click()
    await page().getByRole('textbox', { name: 'Save what is shown as' }).fill('first nine')
    await page().keyboard.press('Enter')
    await page().getByRole('link', { name: 'The usual view' }).click()
    await eventually(heads).not.toContain('Guests')
    await page().getByRole('button', { name: 'Views' }).click()
    await page().getByRole('link', { name: 'first nine' }).click()
    await eventually(() => page().url()).toBe(address)
    await page().getByRole('button', { name: 'Views' }).click()
    await page().getByRole('link', { name: 'The usual view' }).click()
  })

  it('assesses many at once: one progress, and a result for each', async () => {
    await choose(fewHosts)
    const bar = page().getByTestId('bulk-bar')
    await bar.getByText(`${few} hosts selected`).waitFor()
    await bar.getByRole('button', { name: 'Assess', exact: true }).click()
    const bulk = page().getByTestId('bulk')
    await bulk.getByText(`Assess: ${few} of ${few} hosts`).waitFor({ timeout: withinMs })
    const results = page().getByTestId('bulk-results').locator('li')
    await eventually(() => results.filter({ hasText: /reclaimable$/ }).count()).toBe(few - 1)
    // What failed comes first, with its reason.
    expect(await results.first().getAttribute('data-state')).toBe('failed')
    expect(await results.first().textContent()).toMatch(/kvm499 failed .*not connected/)
    await bulk.getByRole('button', { name: 'Close' }).click()
  })

  it('asks before hosts may be changed, and cancels what has not begun', async () => {
    await page().getByTestId('bulk-bar').getByRole('button', { name: 'Allow changes…' }).click()
    const dialog = page().getByRole('dialog', { name: `Allow changes on ${few} hosts?` })
    await dialog.getByText('Nothing changes now.').waitFor()
    await dialog.getByTestId('confirm-accept').click()
    const bulk = page().getByTestId('bulk')
    await bulk.getByText(`Allow changes: ${few} of ${few} hosts`).waitFor({ timeout: withinMs })
    await bulk.getByRole('button', { name: 'Close' }).click()
    await page()
      .getByTestId('tile-hosts')
      .getByText(`${hosts - down} connected`)
      .waitFor({ timeout: withinMs })
    await choose(manyHosts)
    await page().getByTestId('bulk-bar').getByText(`${many} hosts selected`).waitFor()
    await page().getByTestId('bulk-bar').getByRole('button', { name: 'Assess', exact: true }).click()
    await bulk.getByRole('button', { name: 'Cancel' }).click()
    await bulk.getByText(`${many} of ${many} hosts`).waitFor({ timeout: withinMs })
    const left = page().getByTestId('bulk-results').locator('li[data-state=left-out]')
    await eventually(() => left.count()).toBeGreaterThan(0)
    await bulk.getByRole('button', { name: 'Close' }).click()
    await choose(fewHosts)
  })

  it('runs a policy on many at once, and stops it: each after a question, with a result for each', async () => {
    const bar = page().getByTestId('bulk-bar')
    const bulk = page().getByTestId('bulk')
    const results = page().getByTestId('bulk-results').locator('li')
    const running = table().getByText('scrub observe, KSM observe, session mode')
    await page().getByRole('button', { name: 'Columns' }).click()
    await page().getByRole('menuitemcheckbox', { name: 'Policy' }).click()
    await page().keyboard.press('Escape')
    await bar.getByRole('button', { name: 'Run a policy' }).click()
    await page().getByRole('menuitem', { name: 'quiet, version 1…' }).click()
    const question = page().getByRole('dialog', { name: `Run quiet on ${few} hosts?` })
    await question.getByText('in session mode').waitFor()
    await question.getByTestId('confirm-accept').click()
    await bulk.getByText(`Run quiet: ${few} of ${few} hosts`).waitFor({ timeout: withinMs })
    await eventually(() => results.filter({ hasText: 'runs quiet' }).count()).toBe(few - 1)
    expect(await results.first().textContent()).toMatch(/kvm499 failed/)
    await bulk.getByRole('button', { name: 'Close' }).click()
    await eventually(() => running.count()).toBeGreaterThan(5)
    await bar.getByRole('button', { name: 'Stop the policy…' }).click()
    await page().getByTestId('confirm-accept').click()
    await bulk.getByText(`Stop the policy: ${few} of ${few} hosts`).waitFor({ timeout: withinMs })
    await eventually(() => results.filter({ hasText: /done stopped$/ }).count()).toBe(few - 1)
    await bulk.getByRole('button', { name: 'Close' }).click()
    await eventually(() => running.count()).toBe(0)
    await page().getByRole('button', { name: 'Select none' }).click()
    await page().getByRole('textbox', { name: 'Filter hosts' }).fill('')
  })

  it('scrolls to the last of five hundred, and walks them by keyboard, with few of them in the document', async () => {
    await page().goto(`${page().url().split('#')[0]}#/`)
    await table().getByRole('button', { name: 'Host', exact: true }).click()
    await eventually(() => table().locator('tbody tr').first().textContent()).toContain('kvm001')
    const { mostLines } = await scrollToEnd(page(), 2000)
    expect(mostLines).toBeLessThan(100)
    await fleetRow(page(), 'kvm500').waitFor()
    await fleetRow(page(), 'kvm500').focus()
    await page().keyboard.press('Home')
    const focused = table().locator('tr:focus')
    await eventually(() => focused.textContent()).toContain('kvm001')
    for (let step = 0; step < 30; step += 1) await page().keyboard.press('ArrowDown')
    await eventually(() => focused.textContent()).toContain('kvm031')
    await page().keyboard.press('End')
    await eventually(() => focused.textContent()).toContain('kvm500')
    await page().getByRole('textbox', { name: 'Filter hosts' }).fill('kvm250')
    await eventually(() => table().locator('tbody tr[data-row]').count()).toBe(1)
    await page().keyboard.press('Escape')
    await page().getByRole('textbox', { name: 'Filter hosts' }).fill('')
  })

  it('walks on while a key is held down that repeats faster than anything else is done', async () => {
    await eventually(() => table().locator('tbody tr').first().textContent()).toContain('kvm001')
    await fleetRow(page(), 'kvm001').focus()
    await page().evaluate(holdArrowDown, held)
    await eventually(() => table().locator('tr:focus').textContent()).toContain(`kvm${held + 1}`)
    expect(browsing.errors).toEqual([])
    await page().keyboard.press('Home')
  })

  it('tells a host that goes down once, on the desktop too, and not in quiet hours', async () => {
    await page().context().grantPermissions(['notifications'])
    await page().evaluate(recordNotifications)
    await page().getByTestId('notifications').click()
    await page().getByLabel('On the desktop as well').check({ force: true })
    await page().keyboard.press('Escape')
    const news = page().getByTestId('toast-news')
    await fleet.breakHost(0)
    await news.getByText('kvm001').waitFor({ timeout: withinMs })
    // What was measured before stays, and says of when it is.
    await eventually(() => fleetRow(page(), 'kvm001').textContent()).toMatch(notConnected)
    await eventually(() => page().evaluate(readNotifications)).toEqual([expect.stringMatching(/^kvm001: /)])
    await page().getByRole('button', { name: 'Dismiss' }).first().click()
    await page().getByTestId('notifications').click()
    await page().getByLabel('Quiet from').fill('00:00')
    await page().getByLabel('Quiet until').fill('23:59')
    await page().keyboard.press('Escape')
    await fleet.breakHost(1)
    await fleetRow(page(), 'kvm002').getByText('Down').waitFor({ timeout: withinMs })
    expect(await page().evaluate(readNotifications)).toHaveLength(1)
    expect(await news.count()).toBe(0)
  })

  it('says on the page of a host that went down of when its figures are', async () => {
    await page().evaluate(() => {
      location.hash = '#/host/kvm001/overview'
    })
    const notice = page().getByTestId('old-figures')
    await notice.getByText(notConnected).waitFor({ timeout: withinMs })
    expect(await notice.textContent()).toMatch(/^Figures of \d\d:\d\d:\d\d/)
    expect(await page().getByTestId('fact-available').textContent()).toMatch(/[\d.]+ GiB/)
  })

  it('logs no error', () => {
    expect(browsing.errors).toEqual([])
  })
})

/** A policy by the name of quiet, as the workbench keeps it. */
function writePolicy(folder: string): void {
  const text = JSON.stringify({ scrub: { mode: 'observe' }, ksm: { mode: 'observe' } })
  const versions = [{ version: 1, at: 1, author: 'test', text }]
  const policies = [{ name: 'quiet', hostIds: [], tags: [], versions }]
  writeFileSync(join(folder, 'policies.json'), JSON.stringify({ version: 1, policies }))
}

type Recorder = typeof globalThis & { told?: string[] }

/** Runs in the page: no desktop is there to show them. */
function recordNotifications(): void {
  const told: string[] = []
  ;(globalThis as Recorder).told = told
  window.Notification = class extends EventTarget {
    static readonly permission = 'granted'
    static readonly requestPermission = async () => 'granted'
    constructor(title: string) {
      super()
      told.push(title)
    }
  } as unknown as typeof Notification
}

function readNotifications(): string[] {
  return (globalThis as Recorder).told ?? []
}
