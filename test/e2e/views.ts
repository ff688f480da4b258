// The sizes and colours in which people see the screens.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'

export const views = [
  { width: 1280, height: 800, colorScheme: 'light' },
  { width: 1280, height: 800, colorScheme: 'dark' },
  { width: 1920, height: 1080, colorScheme: 'light' },
  { width: 1920, height: 1080, colorScheme: 'dark' },
] as const

/** SINGLETON_SCREENSHOTS=1: the pictures of the documents are taken anew. */
export const renewsDocs = process.env.SINGLETON_SCREENSHOTS === '1'
/** SINGLETON_PICTURES: the folder in which pictures are kept for people who look at them. Absent: none are kept. */
export const pictures = process.env.SINGLETON_PICTURES

/** Keeps pictures of the whole page in each view, and leaves the page in the first. */
export async function keepPictures(page: Page, name: string): Promise<void> {
  if (pictures === undefined) return
  mkdirSync(pictures, { recursive: true })
  for (const { width, height, colorScheme } of [...views.slice(1), views[0]]) {
    await page.setViewportSize({ width, height })
    await page.emulateMedia({ colorScheme })
    await page.waitForTimeout(400)
    await page.screenshot({ path: join(pictures, `${name}-${width}-${colorScheme}.png`), fullPage: true })
  }
}
