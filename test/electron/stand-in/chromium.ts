// The one Chromium of the process, and the isolated world in which a preload runs.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, chromium } from 'playwright-core'

/** Chromium knows no scheme `app:`. Its place is taken by an origin that also counts as secure and leads nowhere. */
const places = [['app://workbench', 'https://workbench.invalid']] as const

export function toChromium(url: string): string {
  return places.reduce(
    (text, [ours, its]) => (text.startsWith(ours) ? its + text.slice(ours.length) : text),
    url,
  )
}

export function toElectron(url: string): string {
  return places.reduce(
    (text, [ours, its]) => (text.startsWith(its) ? ours + text.slice(its.length) : text),
    url,
  )
}

const profile = mkdtempSync(join(tmpdir(), 'singleton-stand-in-'))
let launched: Promise<BrowserContext> | undefined

export function openChromium(): Promise<BrowserContext> {
  launched ??= chromium.launchPersistentContext(profile, {
    executablePath: '/usr/bin/chromium',
    viewport: { width: 1280, height: 800 },
    reducedMotion: 'reduce',
    acceptDownloads: true,
    handleSIGINT: false,
    handleSIGTERM: false,
    args: [
      '--headless=new',
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--remote-debugging-port=0',
      '--user-agent=Mozilla/5.0 (X11; Linux x86_64) Chrome/148.0.0.0 Electron/45.4.1 Safari/537.36',
    ],
  })
  return launched
}

/** Where another client of the DevTools protocol, such as the test, reaches the same pages. */
export async function chromiumPort(): Promise<number> {
  await openChromium()
  return Number(readFileSync(join(profile, 'DevToolsActivePort'), 'utf8').split('\n')[0])
}

export async function closeChromium(): Promise<void> {
  const context = await launched
  await context?.close()
  rmSync(profile, { recursive: true, force: true })
}
