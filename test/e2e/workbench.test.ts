// One person's way through the workbench, in a real browser, against a real host with real guests.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { smallContents } from '../beds/lab/lab.ts'
import { eventually } from './eventually.ts'
import {
  addHost,
  cannotRun,
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
const connectsWithinMs = 60_000
const auditPath = '/var/lib/singleton-helper/audit.jsonl'
/** Of a core: far more than a guest takes that rests, far less than one that computes. */
const enoughCpuRatio = 0.1

function percentIn(text: string | null): number {
  return Number(/([\d.]+) %/.exec(text ?? '')?.[1] ?? Number.NaN)
}

describe.skipIf(cannotRun !== undefined)('the workbench in a browser', () => {
  let stage: Stage
  const page = () => stage.page
  const host = () => {
    const [first] = stage.lab.hosts
    if (!first) throw new Error('the lab has no host')
    return first
  }
  const state = () => page().getByTestId('host-state')
  const imageCache = () => page().getByTestId('fact-image-cache')
  /** The newest value of a line. */
  const lastOf = async (chart: string, line: string) => {
    const legend = page().getByTestId(`chart-${chart}`).locator(`[data-layer="${line}"]`)
    return (await readNumber(legend, 'data-last')) ?? Number.NaN
  }

  beforeAll(async () => {
    stage = await upStage({
      lab: { hosts: [{ name: hostName, guests: 2 }], ...smallContents },
      unknownKeys: true,
    })
  })
  skipAfterFailure()
  afterAll(() => stage?.down())

  it('starts empty and asks for the first host', async () => {
    await page().getByTestId('empty-fleet').waitFor()
    expect(await page().getByRole('button', { name: 'This machine' }).isVisible()).toBe(true)
  })

  it('takes whoever is new around, step by step', async () => {
    await page()
      .getByRole('button', { name: /Take the tour/ })
      .click()
    const tour = page().getByRole('dialog', { name: 'A tour of the workbench' })
    const texts = new Set<string | null>()
    for (let step = 0; step < 5; step += 1) {
      texts.add(await tour.getByTestId('tour-text').textContent())
      await tour.getByRole('button', { name: /^(Next|Begin)$/ }).click()
    }
    await tour.waitFor({ state: 'detached' })
    expect(texts.size).toBe(5)
  })

  it('adds a host once its key is compared and accepted', async () => {
    await addHost(page(), hostName, hostName)
    const dialog = page().getByRole('dialog', { name: `Is this really ${hostName}?` })
    await dialog.waitFor({ timeout: connectsWithinMs })
    expect(await dialog.getByTestId('host-key-fingerprint').textContent()).toBe(host().hostKeyFingerprint)
    await eventually(() =>
      dialog.getByRole('button', { name: 'Cancel' }).evaluate((it) => it === document.activeElement),
    ).toBe(true)
    await dialog.getByTestId('host-key-accept').click()
    await fleetRow(page(), hostName)
      .getByText('Connected', { exact: true })
      .waitFor({ timeout: connectsWithinMs })
  })

  it('opens the host from its row by keyboard', async () => {
    await fleetRow(page(), hostName).focus()
    await page().keyboard.press('Enter')
    await page().getByRole('heading', { level: 1, name: hostName }).waitFor()
    await page().getByTestId('chart-memory').locator('[data-layer="guestResidentBytes"]').waitFor()
  })

  it('assesses: says what could be won, per guest and per image', async () => {
    await page().getByTestId('assess').click()
    await page()
      .getByTestId('toast-result')
      .getByText('could give back')
      .waitFor({ timeout: connectsWithinMs })
    // The view of the host follows the answer by up to half a second.
    const reclaimable = page().getByTestId('fact-reclaimable')
    await eventually(async () => (await readNumber(reclaimable, 'data-bytes')) ?? 0).toBeGreaterThan(0)
    await openTab(page(), 'Memory')
    for (const { name } of host().guests) {
      await page().getByTestId('guests').getByText(name, { exact: true }).first().waitFor()
    }
    await eventually(() => page().getByTestId('sharing').locator('tbody tr').count()).toBe(
      host().guests.length,
    )
    await openTab(page(), 'Cache')
    await eventually(() => page().getByTestId('images').locator('tbody tr').count()).toBe(
      host().guests.length,
    )
    await openTab(page(), 'Overview')
  })

  it('tells the CPU of a busy guest, beside that of the host and of a guest that rests', async () => {
    const [busy, resting] = host().guests
    if (!busy || !resting) throw new Error('the lab has no two guests')
    await busy.command('start while :; do :; done')
    try {
      await openTab(page(), 'Memory')
      const ofGuest = (name: string) => lastOf('guestCpu', `guest ${name}`)
      await expect.poll(() => ofGuest(busy.name), { timeout: 30_000 }).toBeGreaterThan(enoughCpuRatio)
      expect(await ofGuest(resting.name)).toBeLessThan(await ofGuest(busy.name))
      for (const metric of ['hostCpuRatio', 'guestCpuRatio'])
        expect(await lastOf('load', metric)).toBeGreaterThan(enoughCpuRatio)
      const table = page().getByTestId('guests')
      const column = (await table.locator('thead th').allTextContents()).findIndex((it) => /^CPU/.test(it))
      const cell = table.locator('tbody tr', { hasText: busy.name }).locator('td').nth(column)
      await expect
        .poll(async () => percentIn(await cell.textContent()), { timeout: 10_000 })
        .toBeGreaterThan(100 * enoughCpuRatio)
      await table.getByRole('link', { name: busy.name, exact: true }).click()
      const figure = page().getByTestId('guest-cpu')
      await figure.getByText('of one core', { exact: true }).waitFor({ timeout: 10_000 })
      await expect
        .poll(async () => percentIn(await figure.textContent()), { timeout: 10_000 })
        .toBeGreaterThan(100 * enoughCpuRatio)
      await page().goBack()
      await openTab(page(), 'Overview')
    } finally {
      await busy.command('stop')
    }
  })

  it('plans a scrub without changing anything', async () => {
    const before = await readNumber(imageCache(), 'data-bytes')
    await page().getByTestId('plan').click()
    await page()
      .getByTestId('scrub-result')
      .getByText('nothing was changed')
      .waitFor({ timeout: connectsWithinMs })
    await openTab(page(), 'Overview')
    // The kernel takes some of it meanwhile on its own; a scrub takes more than half, and writes itself down.
    expect(await readNumber(imageCache(), 'data-bytes')).toBeGreaterThan((before ?? Number.NaN) / 2)
    expect((await host().exec(`cat ${auditPath} 2>/dev/null || true`)).stdout).not.toContain('scrub')
  })

  it('refuses changes in observe mode and says why', async () => {
    const scrub = page().getByTestId('scrub')
    expect(await scrub.getAttribute('aria-disabled')).toBe('true')
    await scrub.hover({ force: true })
    await page().getByText('This host is in observe mode').first().waitFor()
    await scrub.click({ force: true })
    expect(await page().getByRole('dialog').count()).toBe(0)
  })

  it('scrubs once changes are allowed, and figure and chart fall', async () => {
    await page().getByTestId('mode-switch').getByText('Allow changes').click()
    await page().getByRole('dialog').getByTestId('confirm-accept').click()
    await page().locator('[data-testid=scrub]:not([aria-disabled])').waitFor({ timeout: connectsWithinMs })
    const before = await readNumber(imageCache(), 'data-bytes')
    const chart = page().getByTestId('chart-cache').locator('[data-layer="imageCacheBytes"]')
    expect(before).toBeGreaterThan(0)

    await page().getByTestId('scrub').click()
    await page().getByRole('dialog').getByTestId('confirm-accept').click()
    await waitForResult(page(), 'Evicted')

    const limit = (before ?? 0) / 2
    await eventually(() => readNumber(imageCache(), 'data-bytes')).toBeLessThan(limit)
    await eventually(() => readNumber(chart, 'data-last')).toBeLessThan(limit)
  })

  it('lists the scrub in the audit of the host', async () => {
    await openTab(page(), 'Log')
    await page().getByTestId('audit-source').getByText('On the host').click()
    await page().getByTestId('audit').locator('tbody tr').first().waitFor()
    await eventually(() => page().getByTestId('audit').textContent()).toMatch(/scrub/i)
    expect((await host().exec(`cat ${auditPath}`)).stdout).toContain('scrub')
  })

  it('shows a killed helper and connects again', async () => {
    const { code } = await host().exec(
      'for p in /proc/[0-9]*; do case $(readlink $p/exe) in *singleton-helper*) kill -9 $(basename $p);; esac; done',
    )
    expect(code).toBe(0)
    await page().getByTestId('connection-problem').waitFor({ timeout: connectsWithinMs })
    await expect.poll(() => state().textContent(), { timeout: connectsWithinMs }).toBe('Connected')
    await page().getByTestId('connection-problem').waitFor({ state: 'detached' })
  })

  it('blocks a host whose key has changed, with both fingerprints and no way to accept', async () => {
    const known = host().hostKeyFingerprint
    await host().restartSshd({ newHostKey: true })
    const blocked = page().getByTestId('blocked')
    await blocked.waitFor({ timeout: connectsWithinMs })
    const text = await blocked.textContent()
    expect(text).toContain(known)
    expect(text).toContain(host().hostKeyFingerprint)
    expect(text).toContain('ssh-keygen -R')
    await eventually(() => state().textContent()).toBe('Blocked')
    expect(
      await page()
        .getByRole('button', { name: /accept/i })
        .count(),
    ).toBe(0)
    expect(await page().getByTestId('assess').getAttribute('aria-disabled')).toBe('true')
  })

  it('reports the blocked host on the fleet page and exports a report', async () => {
    await page().getByRole('link', { name: 'Fleet' }).click()
    await page().getByTestId('trouble').getByText('host key has changed').waitFor()
    await page().getByRole('button', { name: 'Export report' }).click()
    const download = page().waitForEvent('download')
    await page().getByRole('menuitem', { name: /^CSV/ }).click()
    expect((await download).suggestedFilename()).toMatch(/\.csv$/)
  })

  it('says so when the workbench itself is gone', async () => {
    expect(stage.browsing.errors).toEqual([])
    await stage.workbench.stop()
    await page().getByTestId('link-banner').waitFor({ timeout: connectsWithinMs })
  })
})
