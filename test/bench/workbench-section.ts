// The workbench with many hosts as a part of the report.

import { join } from 'node:path'
import { ensureRenderer } from '../../scripts/built-parts.mjs'
import { medianOf } from '../../src/shared/statistics/median.ts'
import { noChromium } from '../e2e/chromium.ts'
import { measureHistoryMonth } from './history-month.ts'
import { askedParts } from './only-parts.ts'
import type { BenchOptions, Measured, Section } from './section.ts'
import { measureWorkbench, type WorkbenchFigures } from './workbench.ts'

export const workbenchSection: Section = { name: 'workbench', title: '8. Workbench', measure }

const sizes = [100, 500] as const
const guests = 4
const root = join(import.meta.dirname, '../..')
const watchSeconds = 40

interface MeasuredSize extends WorkbenchFigures {
  readonly historyMibPerHostMonth: number
}

/** `only`: 100, 500. */
async function measure({ rounds, only, say }: BenchOptions): Promise<Measured> {
  const asked = askedParts(only, sizes.map(String))
  if (noChromium) throw new Error(`cannot measure the workbench: ${noChromium}`)
  // The pages that are measured, by today's sources.
  await ensureRenderer(root, process.execPath, process.env)
  say('writing a month of history of one host')
  const historyMibPerHostMonth = measureHistoryMonth(guests) / 1024 ** 2
  const figures: MeasuredSize[] = []
  for (const hosts of sizes) {
    if (!asked.includes(String(hosts))) continue
    const measured = await measureWorkbench({ hosts, guests, rounds, watchSeconds, say })
    figures.push({ ...measured, historyMibPerHostMonth })
  }
  return { text: formatWorkbench(figures), raw: figures }
}

export function formatWorkbench(figures: readonly MeasuredSize[]): string {
  const row = (label: string, goal: string, read: (one: MeasuredSize) => string) =>
    `| ${[label, ...figures.map(read), goal].join(' | ')} |`
  const [first] = figures
  return `
Hosts are played from a formula (\`test/replay/hosts\`), each with ${guests} guests, behind the real session: frames,
JSON-RPC and schemas are those of a helper, SSH is left out. Each is sampled every 2 s, one page is open in headless
Chromium without a GPU, and ${first?.hostsWithHistory ?? 0} host has a month of history. The CPU of main is of one core, with
its history worker, while no page is open; memory is the median of the first and of the last third of ${first?.watchedSeconds ?? 0} s.
History is the file after 30 days of samples every 2 s, rolled up every hour.

| figure | ${figures.map(({ hosts }) => `${hosts} hosts`).join(' | ')} | goal, 100 hosts |
|---|${figures.map(() => '---|').join('')}---|
${[
  row('first paint, median', 'under 1 s', ({ firstPaintMs }) => `${Math.round(medianOf(firstPaintMs))} ms`),
  row(
    'table of the fleet shown, median',
    '',
    ({ fleetShownMs }) => `${Math.round(medianOf(fleetShownMs))} ms`,
  ),
  row('frames a second, scrolling the fleet', '50', ({ scrollFramesPerSecond }) =>
    scrollFramesPerSecond.toFixed(0),
  ),
  row('frames a second, reading a chart of 30 days', '50', ({ hoverFramesPerSecond }) =>
    hoverFramesPerSecond.toFixed(0),
  ),
  row('CPU of main', 'under 20 %', ({ mainCpuRatio }) => `${(100 * mainCpuRatio).toFixed(1)} %`),
  row(
    'memory of main, first and last third',
    'flat',
    ({ mainStartMib, mainEndMib }) => `${mainStartMib.toFixed(0)} MiB, ${mainEndMib.toFixed(0)} MiB`,
  ),
  row(
    'history, a host and month',
    'under 40 MiB',
    ({ historyMibPerHostMonth }) => `${historyMibPerHostMonth.toFixed(1)} MiB`,
  ),
].join('\n')}`
}
