// A fleet of a hundred hosts that nobody can reach, and how smoothly the page scrolls through it.
import type { Page } from 'playwright-core'

export const manyHosts = 100

/** Loopback addresses of their own, at a port that refuses at once. */
export function manyHostsText(): string {
  const lines = Array.from(
    { length: manyHosts },
    (_, index) => `root@127.1.0.${index + 1}:1 ${nameOf(index)}`,
  )
  return lines.join('\n')
}

export function nameOf(index: number): string {
  return `many-${String(index + 1).padStart(3, '0')}`
}

interface Scrolling {
  readonly mostLines: number
  readonly longTasks: readonly number[]
}

/** Turns the wheel, so many pixels a turn, until the page is at its end; counts the lines that stood in the table at each turn. */
export async function scrollToEnd(page: Page, step = 300): Promise<Scrolling> {
  await page.evaluate(watchLongTasks)
  await page.getByTestId('fleet-table').hover({ position: { x: 300, y: 60 } })
  let mostLines = 0
  for (let atEnd = false; !atEnd; ) {
    await page.mouse.wheel(0, step)
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(done)))
    mostLines = Math.max(mostLines, await page.getByTestId('fleet-table').locator('tbody tr').count())
    atEnd = await page.evaluate(() => scrollY + innerHeight >= document.documentElement.scrollHeight - 1)
  }
  return { mostLines, longTasks: await page.evaluate(() => (globalThis as LongTaskHolder).longTasks ?? []) }
}

type LongTaskHolder = typeof globalThis & { longTasks?: number[] }

/** Runs in the page: notes how long each task was that held it up for more than 50 ms. */
function watchLongTasks(): void {
  const found: number[] = []
  ;(globalThis as LongTaskHolder).longTasks = found
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) found.push(Math.round(duration))
  }).observe({ type: 'longtask' })
}

/** Runs in the page: no timer and no frame comes in between. */
export async function holdArrowDown(times: number): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    const key = new KeyboardEvent('keydown', { key: 'ArrowDown', bubbles: true, cancelable: true })
    document.activeElement?.dispatchEvent(key)
    // React draws in a microtask.
    for (let turn = 0; turn < 10; turn += 1) await null
  }
}
