// See and report, in a real browser on two real hosts: the map, the forecast, the comparison and documents, with what the
// command line makes of the same. Figures are held against an independent program, and a PDF is read back.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  capacity as capacityShape,
  forecast as forecastShape,
  report as reportShape,
} from '../../src/shared/contract/index.ts'
import { formatBytes } from '../../src/shared/units.ts'
import { whileStopped } from '../beds/engine/engine-lab.ts'
import { smallContents } from '../beds/lab/lab.ts'
import { run, runOk } from '../beds/lab/run.ts'
import { eventually } from './eventually.ts'
import { personEnv } from './served-workbench.ts'
import {
  addHost,
  cannotRun,
  dismissReports,
  fleetRow,
  readNumber,
  type Stage,
  skipAfterFailure,
  upStage,
  waitForResult,
} from './stage.ts'
import { renewsDocs, views } from './views.ts'

if (cannotRun) console.warn(`skipped: ${cannotRun}`)

const root = join(import.meta.dirname, '../..')
const names = ['lab-a', 'lab-b']
const pictures = renewsDocs ? join(root, 'docs/images') : join(root, 'test/results')
const actsWithinMs = 60_000
const pageBytes = 4096

describe.skipIf(cannotRun !== undefined)('seeing and reporting', () => {
  let stage: Stage
  let out = ''
  const ids = new Map<string, string>()
  const page = () => stage.page
  const cli = (...args: string[]) =>
    run(process.execPath, [join(root, 'src/main/cli.ts'), ...args], {
      env: personEnv(stage.folder),
      timeoutMs: 120_000,
    })

  beforeAll(async () => {
    stage = await upStage({
      lab: { hosts: names.map((name) => ({ name, guests: 2 })), ...smallContents },
    })
    out = mkdtempSync(join(tmpdir(), 'singleton-see-'))
    mkdirSync(pictures, { recursive: true })
    for (const name of names) {
      await addHost(page(), name, name)
      await fleetRow(page(), name).getByText('Connected', { exact: true }).waitFor({ timeout: actsWithinMs })
      const href = await page().getByRole('link', { name, exact: true }).first().getAttribute('href')
      ids.set(name, /#\/host\/([^/]+)/.exec(href ?? '')?.[1] ?? '')
    }
  }, 200_000)
  skipAfterFailure()
  afterAll(async () => {
    await stage?.down()
    if (out) rmSync(out, { recursive: true, force: true })
  })

  it('maps memory: states add up, and wheel and keys lead to a single page', async () => {
    await show(page(), `#/host/${ids.get('lab-a')}/overview`)
    await page().getByTestId('assess').click()
    await waitForResult(page(), 'could give back')
    await dismissReports(page())
    await show(page(), `#/host/${ids.get('lab-a')}/map`)
    await page().getByTestId('map-take').click()
    const legend = page().getByTestId('map-legend')
    await legend.waitFor({ timeout: actsWithinMs })
    const bytesOf = (state: string) =>
      readNumber(legend.locator(`tr[data-kind=guest] td[data-state=${state}]`), 'data-bytes')
    expect(await bytesOf('sum')).toBeGreaterThan(50 * 2 ** 20)
    expect(await bytesOf('identicalBetween')).toBeGreaterThan(2 ** 20)
    expect(await bytesOf('unreadable')).toBe(0)
    await expectColours(page())
    await shoot(page(), 'map')
    const field = page().getByTestId('map-field')
    await field.hover({ position: { x: 300, y: 30 } })
    for (let turn = 0; turn < 30; turn += 1) await page().mouse.wheel(0, -600)
    await eventually(() => windowOf(page())).toBeLessThan(0.01)
    await page()
      .getByTestId('map-place')
      .getByText(/, page [\d,]+/)
      .waitFor()
    await field.focus()
    await page().keyboard.press('Home')
    await eventually(() => windowOf(page())).toBe(1)
    for (let turn = 0; turn < 4; turn += 1) await page().keyboard.press('+')
    await eventually(() => windowOf(page())).toBeLessThan(0.3)
  })

  it('lays the map over the one before', async () => {
    await page().getByTestId('map-take').click()
    const slider = page().getByRole('slider')
    await slider.waitFor({ timeout: actsWithinMs })
    await slider.focus()
    await page().keyboard.press('End')
    await eventually(() => slider.getAttribute('aria-valuenow')).toBe('100')
    await expectColours(page())
  })

  it('draws the same map on the command line', async () => {
    const path = join(out, 'map.png')
    const result = await cli('map', 'lab-a', '--out', path)
    expect(result.code, result.stderr).toBe(0)
    const png = readFileSync(path)
    expect(png.subarray(1, 4).toString()).toBe('PNG')
    expect(png.readUInt32BE(16)).toBeGreaterThan(1000)
    writeFileSync(join(pictures, 'map-drawn.png'), png)
  })

  it('forecasts what two hosts would share, as an independent program finds it', async () => {
    const guestsOf = (name: string) => stage.lab.hosts.find((host) => host.name === name)?.guests ?? []
    const all = names.flatMap(guestsOf)
    const { printed, expected } = await whileStopped(all, async () => {
      const pids = (name: string) => guestsOf(name).map(({ pid }) => String(pid))
      const script = join(root, 'test/beds/engine/expected/common.py')
      const args = [script, ...pids('lab-a'), '--', ...pids('lab-b')]
      return {
        expected: z.object({ common: z.number() }).parse(JSON.parse(await runOk('/usr/bin/python3', args))),
        printed: await cli('forecast', ...names, '--yes', '--json'),
      }
    })
    expect(printed.code, printed.stderr).toBe(0)
    const forecast = forecastShape.parse(JSON.parse(printed.stdout))
    const [pair] = forecast.pairs
    const truth = expected.common * pageBytes
    expect(truth).toBeGreaterThan(2 ** 20)
    const { bytes = Number.NaN, low = 0, high = 0 } = pair?.won ?? {}
    expect(high - low).toBeLessThan(truth)
    // The bounds are those of 95 of 100 samples; twice as far off is one in ten thousand.
    expect(Math.abs(bytes - truth)).toBeLessThanOrEqual(Math.max(high - low, pageBytes))
  })

  it('asks before it makes a forecast on screen, and says what it reveals', async () => {
    await show(page(), `#/forecast?hosts=${[...ids.values()].join(',')}`)
    await page().getByTestId('forecast-make').click()
    const dialog = page().getByRole('dialog')
    await dialog.getByText('never stored').waitFor()
    await dialog.getByTestId('confirm-accept').click()
    const cells = page().getByTestId('forecast-matrix').locator('td[data-bytes]')
    await cells.first().waitFor({ timeout: actsWithinMs })
    expect(await readNumber(cells.first(), 'data-bytes')).toBeGreaterThan(2 ** 20)
    await page().getByTestId('forecast-moves').waitFor()
    await shoot(page(), 'forecast')
  })

  it('estimates how many more guests fit, on screen and over SSH alike', async () => {
    const printed = await cli('capacity', ...names, '--json')
    expect(printed.code, printed.stderr).toBe(0)
    for (const { memory, scenarios, like, overcommit } of z
      .array(capacityShape)
      .parse(JSON.parse(printed.stdout))) {
      expect(memory.totalBytes).toBe(totalmem())
      expect(like?.uniqueBytes).toBeGreaterThan(2 ** 20)
      expect(overcommit.promisedBytes).toBe(2 * (like?.ramBytes ?? Number.NaN))
      const [now, policy] = scenarios.map(({ resources }) => resources[0]?.guests)
      expect(now).toMatchObject({ kind: 'known', best: expect.any(Number) })
      expect(policy).toMatchObject({ kind: 'known', best: expect.any(Number) })
    }
    expect((await cli('capacity', 'lab-a', '--like', 'nobody')).code).toBe(1)
    await show(page(), `#/host/${ids.get('lab-a')}/capacity`)
    const guests = page().getByTestId('capacity-now-guests')
    await guests.waitFor({ timeout: actsWithinMs })
    expect(await guests.textContent()).toMatch(/more guests? like guest-a/)
    await shoot(page(), 'capacity-real')
  })

  it('compares hosts, and the address holds the view', async () => {
    await show(
      page(),
      `#/compare?hosts=${[...ids.values()].join(',')}&metric=guestResidentBytes&per=host&range=15m`,
    )
    const rows = page().getByTestId('compare-table').locator('tbody tr')
    await rows.first().waitFor({ timeout: actsWithinMs })
    await eventually(() => rows.count()).toBe(2)
    await shoot(page(), 'compare')
    await page().getByText('Against its own baseline').click()
    await page().getByText('Chart for each').click()
    await eventually(() => page().getByTestId('compare-multiple').count()).toBe(2)
    expect(page().url()).toContain('per=baseline')
    const { stdout, code } = await cli(
      'compare',
      ...names,
      '--metric',
      'guestResidentBytes',
      '--range',
      '15m',
      '--json',
    )
    expect(code).toBe(0)
    const { hosts } = z
      .object({ hosts: z.array(z.object({ name: z.string(), mean: z.number() })) })
      .parse(JSON.parse(stdout))
    expect(hosts.map(({ name }) => name).sort()).toEqual(names)
  })

  it('exports a PDF whose figures can be read back, lists it, and makes it again', async () => {
    await show(page(), '#/reports')
    await page().getByTestId('report-make').waitFor()
    const pdf = join(out, 'report.pdf')
    const download = page().waitForEvent('download', { timeout: actsWithinMs })
    await page().getByTestId('report-make').click()
    await (await download).saveAs(pdf)
    const exported = page().getByTestId('exported-reports').locator('tbody tr')
    await eventually(() => exported.count()).toBe(1)
    await page().getByTestId('report-again').waitFor()
    await shoot(page(), 'reports')
    const written = await cli(
      'report',
      ...names,
      '--recorded',
      '--range',
      '7d',
      '--out',
      join(out, 'report.json'),
    )
    expect(written.code, written.stderr).toBe(0)
    const { hosts } = reportShape.parse(JSON.parse(readFileSync(join(out, 'report.json'), 'utf8')))
    const text = (await runOk('pdftotext', ['-layout', pdf, '-'])).replaceAll(/\s+/g, ' ')
    for (const { name, baseline } of hosts) {
      expect(text).toContain(name)
      if (baseline) expect(text).toContain(formatBytes(baseline.totals.guestResidentBytes))
    }
    // Without a number: how many digits it has depends on how many pages there are.
    await runOk('pdftoppm', ['-png', '-r', '60', '-singlefile', pdf, join(pictures, 'report-pdf')])
    expect(readFileSync(join(pictures, 'report-pdf.png')).length).toBeGreaterThan(5000)
  })

  it('logged no error', () => {
    expect(stage.browsing.errors).toEqual([])
  })
})

async function show(page: Page, address: string): Promise<void> {
  await page.evaluate((hash) => {
    window.location.hash = hash
  }, address)
}

async function windowOf(page: Page): Promise<number> {
  const field = page.getByTestId('map-field')
  const [from = 0, to = 0] = [await readNumber(field, 'data-from'), await readNumber(field, 'data-to')]
  return to - from
}

/** The canvas shows several states, not one colour. */
async function expectColours(page: Page): Promise<void> {
  await expect
    .poll(() =>
      page.getByTestId('map-canvas').evaluate((canvas) => {
        const { width, height } = canvas as HTMLCanvasElement
        const pixels = (canvas as HTMLCanvasElement).getContext('2d')?.getImageData(0, 0, width, height).data
        return new Set(new Uint32Array(pixels?.buffer ?? new ArrayBuffer(0))).size
      }),
    )
    .toBeGreaterThan(3)
}

/** At both sizes, light and dark; wider than the window is no page. */
async function shoot(page: Page, screen: string): Promise<void> {
  for (const { width, height, colorScheme } of views) {
    await page.setViewportSize({ width, height })
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.waitForTimeout(300)
    const wider = () =>
      page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
    // Charts follow the size of the window in their own time.
    await expect.poll(wider, { timeout: actsWithinMs, message: `${screen} at ${width}` }).toBe(0)
    if (renewsDocs && !(width === 1280 && colorScheme === 'light')) continue
    const name = renewsDocs ? `${screen}.png` : `${screen}-${width}-${colorScheme}.png`
    await page.screenshot({ path: join(pictures, name) })
  }
  await page.setViewportSize({ width: 1280, height: 800 })
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' })
}
