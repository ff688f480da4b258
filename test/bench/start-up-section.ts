// Starting with many saved hosts, as a part of the report.
import { join } from 'node:path'
import { ensureApp } from '../../scripts/built-parts.mjs'
import { medianOf } from '../../src/shared/statistics/median.ts'
import { noChromium } from '../e2e/chromium.ts'
import type { BenchOptions, Measured, Section } from './section.ts'
import { measureStartUp, type StartUp } from './start-up.ts'

export const startUpSection: Section = { name: 'start-up', title: '9. Start-up', measure }

const hosts = 100
const root = join(import.meta.dirname, '../..')

async function measure({ rounds, say }: BenchOptions): Promise<Measured> {
  if (noChromium) throw new Error(`cannot measure the start: ${noChromium}`)
  await ensureApp(root, ['--logLevel', 'warn'])
  const desktop: StartUp[] = []
  const browser: StartUp[] = []
  // The first start fills the page cache.
  for (let round = 0; round <= rounds; round += 1) {
    say(`start ${round} of ${rounds}`)
    const started = await measureStartUp(hosts)
    if (round === 0) continue
    desktop.push(started.desktop)
    browser.push(started.browser)
  }
  return { text: formatStartUp(desktop, browser), raw: { hosts, desktop, browser } }
}

function formatStartUp(desktop: readonly StartUp[], browser: readonly StartUp[]): string {
  const row = (label: string, goal: string, of: readonly StartUp[], figure: keyof StartUp) => {
    const values = of.map((one) => one[figure])
    const [least, most] = [Math.min(...values), Math.max(...values)].map(Math.round)
    return `| ${label} | ${Math.round(medianOf(values))} ms | ${least} to ${most} ms | ${goal} |`
  }
  // A real Electron is one process with its Chromium: what counts is what comes after that.
  const app = desktop.map(({ readyMs, firstPaintMs, fleetShownMs }) => ({
    readyMs,
    firstPaintMs: firstPaintMs - readyMs,
    fleetShownMs: fleetShownMs - readyMs,
  }))
  return `
${hosts} saved hosts that refuse the connection, an hour of history of each, files in the page cache, median of ${desktop.length} starts.
The desktop app runs in the stand-in for Electron: its process starts headless Chromium as a second program, which
Electron has in itself. The browser shell is the built one, and Chromium is there already when its link is opened.

| figure | median | range | goal |
|---|---|---|---|
${[
  row('stand-in: Chromium is there, since the start of the process', '', app, 'readyMs'),
  row('desktop app: first paint, since Chromium was there', 'under 1 s', app, 'firstPaintMs'),
  row('desktop app: fleet shown, since Chromium was there', '', app, 'fleetShownMs'),
  row('browser shell: link printed, since the start of the process', 'under 1 s', browser, 'readyMs'),
  row('browser shell: first paint, since its link was opened', 'under 1 s', browser, 'firstPaintMs'),
  row('browser shell: fleet shown, since its link was opened', '', browser, 'fleetShownMs'),
].join('\n')}`
}
