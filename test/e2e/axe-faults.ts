// What axe-core finds on a page that is shown.
import axe from 'axe-core'
import type { Page } from 'playwright-core'
import { vi } from 'vitest'

/** Serious and critical faults of what is in front, in a line each: the rule, and where. */
export async function seriousFaults(page: Page): Promise<string[]> {
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

/** Menus and dialogs take a moment to stand where they stay; what turns until something is there may go on. */
export async function settle(page: Page): Promise<void> {
  await page.waitForTimeout(250)
  const isAtRest = () =>
    page.evaluate(() =>
      document
        .getAnimations()
        .every(
          ({ playState, effect }) =>
            playState !== 'running' || effect?.getComputedTiming().endTime === Infinity,
        ),
    )
  await vi.waitUntil(isAtRest, { timeout: 30_000, interval: 50 })
}
