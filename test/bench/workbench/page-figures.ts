// What a person waits for and sees in a real Chromium: first paint, frames, and how long the assessment of a host with many
// guests takes to open.
import type { Page } from 'playwright-core'
import { openChromium } from '../../e2e/chromium.ts'
import { type ReplayedFleet, replayedId } from '../../replay/hosts/replayed-fleet.ts'
import { monthDays } from './months.ts'

export interface PageFigures {
  readonly firstPaintMs: number[]
  readonly fleetShownMs: number[]
  readonly assessmentShownMs: number[]
  readonly hoverFramesPerSecond: number
  readonly scrollFramesPerSecond: number
}

interface PageBench {
  readonly fleet: ReplayedFleet
  /** For the profile of the browser. */
  readonly folder: string
  readonly rounds: number
  readonly hosts: number
  /** The number of the host whose assessment is opened. */
  readonly crowded: number
}

const connectsWithinMs = 120_000

/** Takes seconds a round, and those in which the hosts connect. */
export async function measurePage({
  fleet,
  folder,
  rounds,
  hosts,
  crowded,
}: PageBench): Promise<PageFigures> {
  const browsing = await openChromium(folder)
  const { page } = browsing
  try {
    await page.goto(fleet.url)
    const connected = page.getByTestId('tile-hosts').getByText(`${hosts} of ${hosts} up`)
    await connected.waitFor({ timeout: connectsWithinMs })
    const paints: Paint[] = []
    const assessmentShownMs: number[] = []
    for (let round = 0; round < rounds; round += 1) {
      paints.push(await measurePaint(page, await fleet.newLink()))
      assessmentShownMs.push(await measureOpening(page, crowded))
    }
    await showAt(page, '#/')
    await page.getByTestId('fleet-table').locator('tbody tr[data-row]').first().waitFor()
    return {
      firstPaintMs: paints.map(({ paintedMs }) => paintedMs),
      fleetShownMs: paints.map(({ shownMs }) => shownMs),
      assessmentShownMs,
      scrollFramesPerSecond: await framesWhile(page, () => scrollThrough(page)),
      hoverFramesPerSecond: await measureHover(page),
    }
  } finally {
    await browsing.close()
  }
}

interface Paint {
  readonly paintedMs: number
  readonly shownMs: number
}

async function measurePaint(page: Page, link: string): Promise<Paint> {
  await page.goto('about:blank')
  await page.goto(link)
  await page.getByTestId('fleet-table').locator('tbody tr[data-row]').first().waitFor()
  return await page.evaluate(() => ({
    paintedMs: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN,
    shownMs: performance.now(),
  }))
}

/** From the key of the tab on the host's overview until the table of guests, the matrix and the charts are painted. */
async function measureOpening(page: Page, crowded: number): Promise<number> {
  await showAt(page, `#/host/${replayedId(crowded)}/overview`)
  await page.getByTestId('chart-memory').locator('[data-line]').first().waitFor()
  await page.evaluate(watchForAssessment)
  await page.keyboard.press('2')
  const opened = await page.waitForFunction(() => window.assessmentOpenedMs, undefined, { timeout: 60_000 })
  return (await opened.jsonValue()) ?? Number.NaN
}

declare global {
  interface Window {
    /** Milliseconds from the key to what it opened; undefined until that has been painted. */
    assessmentOpenedMs?: number | undefined
  }
}

/** Runs in the page: notes the milliseconds from the next key until what it opens has been painted. */
function watchForAssessment(): void {
  const parts = [
    '[data-testid=guests] tbody tr[data-row]',
    '[data-testid=sharing] tbody td',
    '[data-testid=chart-guestCpu] [data-line]',
  ]
  window.assessmentOpenedMs = undefined
  const watch = ({ timeStamp }: KeyboardEvent) => {
    const look = () => {
      if (!parts.every((part) => document.querySelector(part))) requestAnimationFrame(look)
      // The next frame begins once this one is painted.
      else
        requestAnimationFrame(() => {
          window.assessmentOpenedMs = performance.now() - timeStamp
        })
    }
    requestAnimationFrame(look)
  }
  addEventListener('keydown', watch, { capture: true, once: true })
}

async function measureHover(page: Page): Promise<number> {
  await showAt(page, `#/host/${replayedId(0)}/cache?range=${monthDays}d`)
  const chart = page.getByTestId('chart-cache').getByRole('slider')
  await chart.waitFor()
  const box = await chart.boundingBox()
  return await framesWhile(page, async () => {
    for (let step = 0; step < hoverSteps; step += 1)
      await page.mouse.move((box?.x ?? 0) + 70 + ((step * 7) % 480), (box?.y ?? 0) + 60)
  })
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

interface Counted {
  frames: number
  readonly since: number
  isOver: boolean
}
type CountHolder = typeof globalThis & { counted?: Counted }

/** Frames that the page drew a second while `work` went on. */
async function framesWhile(page: Page, work: () => Promise<void>): Promise<number> {
  await page.evaluate(() => {
    const counted = { frames: 0, since: performance.now(), isOver: false }
    ;(globalThis as CountHolder).counted = counted
    const count = () => {
      counted.frames += 1
      if (!counted.isOver) requestAnimationFrame(count)
    }
    requestAnimationFrame(count)
  })
  await work()
  return await page.evaluate(() => {
    const { counted } = globalThis as CountHolder
    if (!counted) return Number.NaN
    counted.isOver = true
    return (1000 * counted.frames) / (performance.now() - counted.since)
  })
}

async function showAt(page: Page, address: string): Promise<void> {
  await page.evaluate((hash) => {
    location.hash = hash
  }, address)
}
