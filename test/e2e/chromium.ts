// Debian's Chromium with a profile of its own, driven by Playwright.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type BrowserContext, chromium, type Page } from 'playwright-core'

const executable = '/usr/bin/chromium'

/** Why the browser tests cannot run here; undefined when they can. */
export const noChromium = existsSync(executable) ? undefined : `${executable} is not installed`

export interface ViewOptions {
  readonly width?: number
  readonly height?: number
  readonly colorScheme?: 'light' | 'dark'
}

export interface Browsing {
  readonly page: Page
  /** Errors that the page logged or threw; a good page has none. */
  readonly errors: readonly string[]
  close(): Promise<void>
}

export async function openChromium(folder: string, view: ViewOptions = {}): Promise<Browsing> {
  const { width = 1280, height = 800, colorScheme = 'light' } = view
  const context: BrowserContext = await chromium.launchPersistentContext(join(folder, 'chromium'), {
    executablePath: executable,
    viewport: { width, height },
    colorScheme,
    reducedMotion: 'reduce',
    acceptDownloads: true,
    args: [
      '--headless=new',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
  const page = context.pages()[0] ?? (await context.newPage())
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text())
  })
  return { page, errors, close: () => context.close() }
}
