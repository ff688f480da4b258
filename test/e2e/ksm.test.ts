// KSM from the screen, on real guests: started, stopped, unmerged and put back as it was found.
import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { smallContents } from '../beds/lab/lab.ts'
import {
  addHost,
  cannotRun,
  dismissReports,
  fleetRow,
  openTab,
  readNumber,
  type Stage,
  skipAfterFailure,
  upStage,
  waitForResult,
} from './stage.ts'

if (cannotRun) console.warn(`skipped: ${cannotRun}`)

const hostName = 'lab-a'
const withinMs = 60_000
const mergesWithinMs = 120_000
const knobs = ['run', 'pages_to_scan', 'sleep_millisecs', 'smart_scan', 'advisor_mode']

describe.skipIf(cannotRun !== undefined)('KSM from the screen', () => {
  let stage: Stage
  let found: string
  const page = (): Page => stage.page
  const merged = () => page().getByTestId('fact-merged')
  const mergingPages = () =>
    (stage.lab.hosts[0]?.guests ?? []).reduce((sum, { pid }) => {
      const stat = readFileSync(`/proc/${pid}/ksm_stat`, 'utf8')
      return sum + Number(/^ksm_merging_pages:? (\d+)$/m.exec(stat)?.[1] ?? 0)
    }, 0)
  const mergedBytes = async () => (await readNumber(merged(), 'data-bytes')) ?? Number.NaN

  beforeAll(async () => {
    stage = await upStage({
      lab: { hosts: [{ name: hostName, guests: [{}, { spareMonitor: false }] }], ...smallContents },
    })
    found = readKnobs()
    await addHost(page(), hostName, hostName)
    await fleetRow(page(), hostName).getByText('Connected', { exact: true }).waitFor({ timeout: withinMs })
    await fleetRow(page(), hostName).click()
    await openTab(page(), 'KSM')
  })
  skipAfterFailure()
  afterAll(() => stage?.down())

  it('is not offered in observe mode', async () => {
    expect(await page().getByTestId('ksm').getAttribute('aria-disabled')).toBe('true')
    expect(await mergeButton(guest(0).name, 'off').getAttribute('aria-disabled')).toBe('true')
    await page().getByTestId('mode-switch').getByText('Allow changes').click()
    await page().getByRole('dialog').getByTestId('confirm-accept').click()
    await page().locator('[data-testid=ksm]:not([aria-disabled])').waitFor({ timeout: withinMs })
  })

  it('starts by keyboard at the rate that was typed, and guests’ pages are merged', async () => {
    await page().getByTestId('ksm').focus()
    await page().keyboard.press('Enter')
    await page().getByRole('menuitem', { name: 'Start…' }).press('Enter')
    const dialog = page().getByRole('dialog', { name: `Start KSM on ${hostName}?` })
    await dialog.getByRole('textbox', { name: 'Pages per batch' }).fill('5000')
    await dialog.getByRole('textbox', { name: 'Pause, ms' }).fill('10')
    await dialog.getByTestId('confirm-accept').press('Enter')
    await waitForResult(page(), 'Merged now')
    expect(readKnob('run')).toBe('1')
    expect(readKnob('pages_to_scan')).toBe('5000')
    await merged().getByText('scanning', { exact: false }).waitFor({ timeout: withinMs })
    // Until ksmd passes, pages_sharing counts guests of before, which have ended: these guests' own pages tell.
    await expect.poll(mergingPages, { timeout: mergesWithinMs }).toBeGreaterThan(256)
    await expect.poll(mergedBytes, { timeout: withinMs }).toBeGreaterThan(2 ** 20)
  })

  it('stops, and what is merged stays merged', async () => {
    await act('Stop scanning')
    expect(readKnob('run')).toBe('0')
    await merged().getByText('not scanning').waitFor({ timeout: withinMs })
    expect(await mergedBytes()).toBeGreaterThan(2 ** 20)
  })

  it('unmerges all, after saying how much memory that takes', async () => {
    await act('Unmerge all', /needs [\d.]+ [KMG]iB of free memory/)
    await expect.poll(mergedBytes, { timeout: withinMs }).toBe(0)
    expect(readCounter('pages_sharing')).toBe(0)
  })

  it('switches the merging of one guest off and on by keyboard, and the table follows', async () => {
    const { name, pid } = guest(0)
    await switchMerging(name, 'off', /becomes? its own again.*recorded on the host first.*Restore settings/)
    await expect.poll(() => mergingOf(name), { timeout: withinMs }).toBe('off')
    expect(mayBeMerged(pid)).toBe(false)
    expect(await mergingOf(guest(1).name)).toBe('on')
    await switchMerging(name, 'on', /not scanning.*timing side channel/)
    await expect.poll(() => mergingOf(name), { timeout: withinMs }).toBe('on')
    expect(mayBeMerged(pid)).toBe(true)
  })

  it('says why a guest without a monitor to spare cannot be switched', async () => {
    const button = mergeButton(guest(1).name, 'off')
    await button.focus()
    await page()
      .getByRole('tooltip')
      .getByText(/none to spare.*What to do: .*-qmp/)
      .waitFor()
    expect(await button.getAttribute('aria-disabled')).toBe('true')
    await page().keyboard.press('Enter')
    expect(await page().getByRole('dialog').count()).toBe(0)
  })

  it('restores the original settings, and the audit tells of all five', async () => {
    await act('Restore settings', /as saved at/)
    expect(readKnobs()).toBe(found)
    await openTab(page(), 'Log')
    const rows = page().getByTestId('audit-trail').locator('tbody tr')
    const actions = async () =>
      (await rows.allTextContents()).map((text) => /ksm\/(start|stop|unmerge|merge|restore)/.exec(text)?.[0])
    await expect
      .poll(actions, { timeout: withinMs })
      .toEqual(expect.arrayContaining(['ksm/start', 'ksm/stop', 'ksm/unmerge', 'ksm/merge', 'ksm/restore']))
    const started = await rows.filter({ hasText: 'ksm/start' }).first().textContent()
    expect(started).toMatch(/pagesToScan=5000.*run=/)
    const switched = await rows.filter({ hasText: 'merge=off' }).allTextContents()
    expect(switched).toEqual([
      expect.stringMatching(new RegExp(`guest=${guest(0).name} .*merging on.*merging off.*through`)),
    ])
    expect(stage.browsing.errors).toEqual([])
  })

  function guest(index: number) {
    const found = stage.lab.hosts[0]?.guests[index]
    if (!found) throw new Error(`the lab host has no guest ${index}`)
    return found
  }

  function mergeButton(name: string, way: 'on' | 'off') {
    return page().getByRole('button', { name: `Switch ${way} merging of ${name}` })
  }

  function mergingOf(name: string) {
    const row = page().getByTestId('guests').locator('tbody tr', { hasText: name })
    return row.locator('[data-merging]').getAttribute('data-merging')
  }

  /** By keyboard alone, which ends where it began: on the guest's button. */
  async function switchMerging(name: string, way: 'on' | 'off', explained: RegExp): Promise<void> {
    await mergeButton(name, way).press('Enter')
    const dialog = page().getByRole('dialog', { name: `Switch ${way} merging of ${name}?` })
    expect(await dialog.textContent()).toMatch(explained)
    await dialog.getByTestId('confirm-accept').press('Enter')
    await waitForResult(page(), `Merging of ${name} is ${way}`)
    const focused = page().locator('button:focus')
    await expect
      .poll(() => focused.getAttribute('aria-label'), { timeout: withinMs })
      .toMatch(`merging of ${name}`)
  }

  async function act(label: string, explained?: RegExp): Promise<void> {
    await dismissReports(page())
    await page().getByTestId('ksm').click()
    await page()
      .getByRole('menuitem', { name: `${label}…` })
      .click()
    const dialog = page().getByRole('dialog')
    if (explained) expect(await dialog.textContent()).toMatch(explained)
    await dialog.getByTestId('confirm-accept').click()
    await waitForResult(page(), 'Merged now')
  }
})

/** Whether the kernel would merge the guest's RAM, read on its own. */
function mayBeMerged(pid: number): boolean {
  const smaps = readFileSync(`/proc/${pid}/smaps`, 'utf8')
  const ram = smaps.split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m).filter((part) => /^Size: +327680 kB$/m.test(part))
  expect(ram).toHaveLength(1)
  return /^VmFlags:.* mg/m.test(ram[0] ?? '')
}

function readKnob(name: string): string {
  return readFileSync(`/sys/kernel/mm/ksm/${name}`, 'utf8').trim()
}

function readCounter(name: string): number {
  return Number(readKnob(name))
}

function readKnobs(): string {
  return knobs.map((name) => `${name}=${readKnob(name)}`).join(' ')
}
