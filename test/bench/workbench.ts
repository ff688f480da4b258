// The workbench with many replayed hosts in a real Chromium: first paint, frames, the CPU of main, memory, history.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { medianOf } from '../../src/shared/statistics/median.ts'
import { openChromium } from '../e2e/chromium.ts'
import {
  type ReplayedFleet,
  replayedId,
  serveReplayedFleet,
  writeReplayedHosts,
} from '../replay/hosts/replayed-fleet.ts'
import { writeReplayedHistory } from '../replay/hosts/replayed-history.ts'

export interface WorkbenchFigures {
  readonly hosts: number
  readonly guests: number
  readonly hostsWithHistory: number
  readonly firstPaintMs: readonly number[]
  readonly fleetShownMs: readonly number[]
  readonly hoverFramesPerSecond: number
  readonly scrollFramesPerSecond: number
  readonly mainCpuRatio: number
  readonly mainStartMib: number
  readonly mainEndMib: number
  readonly watchedSeconds: number
}

interface WorkbenchBench {
  readonly hosts: number
  readonly guests: number
  readonly rounds: number
  readonly watchSeconds: number
  readonly say: (line: string) => void
}

const mib = 1024 ** 2
const dayMs = 86_400_000
const days = 30
/** Of so many hosts a month is written; the others have none. */
const hostsWithHistory = 1
const connectsWithinMs = 120_000

export async function measureWorkbench(bench: WorkbenchBench): Promise<WorkbenchFigures> {
  const { hosts, guests, rounds, watchSeconds, say } = bench
  const folder = mkdtempSync(join(tmpdir(), 'singleton-bench-'))
  try {
    writeReplayedHosts(folder, { hosts, guests })
    say(`writing ${days} days of history of ${hostsWithHistory} hosts`)
    writeHistory(folder, guests)
    const fleet = await serveReplayedFleet(folder, guests)
    try {
      say(`${hosts} hosts: connecting`)
      const shown = await inBrowser(fleet, folder, rounds, hosts)
      say(`${hosts} hosts: watching main for ${watchSeconds} s`)
      const watched = await watchMain(fleet, watchSeconds)
      return { hosts, guests, hostsWithHistory, ...shown, ...watched }
    } finally {
      await fleet.stop()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Sparser than sampling leaves it, so that charts have a month to show; what a month holds is measured apart. */
function writeHistory(folder: string, guests: number): void {
  const hosts = Array.from({ length: hostsWithHistory }, (_, index) => ({ index, guests }))
  writeReplayedHistory(folder, hosts, [
    { fromAgo: days * dayMs, toAgo: dayMs, stepMs: 60_000 },
    { fromAgo: dayMs, toAgo: 0, stepMs: 2000 },
  ])
}

async function inBrowser(fleet: ReplayedFleet, folder: string, rounds: number, hosts: number) {
  const browsing = await openChromium(folder)
  const { page } = browsing
  try {
    await page.goto(fleet.url)
    await page
      .getByTestId('tile-hosts')
      .getByText(`${hosts} of ${hosts} up`)
      .waitFor({ timeout: connectsWithinMs })
    const firstPaintMs: number[] = []
    const fleetShownMs: number[] = []
    for (let round = 0; round < rounds; round += 1) {
      await page.goto('about:blank')
      const link = await fleet.newLink()
      await page.goto(link)
      await page.getByTestId('fleet-table').locator('tbody tr[data-row]').first().waitFor()
      const { painted, shown } = await page.evaluate(() => ({
        painted: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN,
        shown: performance.now(),
      }))
      firstPaintMs.push(painted)
      fleetShownMs.push(shown)
    }
    const scrollFramesPerSecond = await framesWhile(page, () => scrollThrough(page))
    await page.evaluate((hostId) => {
      location.hash = `#/host/${hostId}/cache?range=30d`
    }, replayedId(0))
    const chart = page.getByTestId('chart-cache').getByRole('slider')
    await chart.waitFor()
    const box = await chart.boundingBox()
    const hoverFramesPerSecond = await framesWhile(page, async () => {
      for (let step = 0; step < hoverSteps; step += 1) {
        await page.mouse.move((box?.x ?? 0) + 70 + ((step * 7) % 480), (box?.y ?? 0) + 60)
      }
    })
    return { firstPaintMs, fleetShownMs, scrollFramesPerSecond, hoverFramesPerSecond }
  } finally {
    await browsing.close()
  }
}

const hoverSteps = 400
const scrollSteps = 120

async function scrollThrough(page: Page): Promise<void> {
  await page.mouse.move(600, 500)
  for (let step = 0; step < scrollSteps; step += 1) {
    await page.mouse.wheel(0, step < scrollSteps / 2 ? 200 : -200)
    await page.waitForTimeout(16)
  }
}

/** Frames that the page drew a second while `work` went on. */
async function framesWhile(page: Page, work: () => Promise<void>): Promise<number> {
  await page.evaluate(() => {
    const counted = { frames: 0, since: performance.now() }
    Object.assign(globalThis, { counted })
    const count = () => {
      counted.frames += 1
      requestAnimationFrame(count)
    }
    requestAnimationFrame(count)
  })
  await work()
  return page.evaluate(() => {
    const { counted } = globalThis as typeof globalThis & { counted: { frames: number; since: number } }
    return (1000 * counted.frames) / (performance.now() - counted.since)
  })
}

async function watchMain(fleet: ReplayedFleet, seconds: number) {
  await sleep(5000)
  const before = await fleet.spent()
  const startedAt = performance.now()
  const held: number[] = []
  for (let left = seconds; left > 0; left -= 5) {
    await sleep(5000)
    held.push((await fleet.spent()).rssBytes / mib)
  }
  const after = await fleet.spent()
  const third = Math.max(1, Math.floor(held.length / 3))
  return {
    mainCpuRatio: (after.cpuSeconds - before.cpuSeconds) / ((performance.now() - startedAt) / 1000),
    mainStartMib: medianOf(held.slice(0, third)),
    mainEndMib: medianOf(held.slice(-third)),
    watchedSeconds: seconds,
  }
}
