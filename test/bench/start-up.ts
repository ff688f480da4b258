// From the start of a process to a page that is drawn, with saved hosts that nobody can reach and an hour of history of
// each: the desktop app in the stand-in, and the browser shell as built.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Page } from 'playwright-core'
import { openChromium } from '../e2e/chromium.ts'
import { personEnv } from '../e2e/served-workbench.ts'
import { launch } from '../electron/launch.ts'
import { replayedId } from '../replay/hosts/replayed-fleet.ts'
import { writeReplayedHistory } from '../replay/hosts/replayed-history.ts'

/** Milliseconds. */
export interface StartUp {
  /** Of the stand-in: its Chromium is there. A real Electron is one with it. Of the browser shell: it printed its link. */
  readonly readyMs: number
  /** Since the start of the process; of the browser shell: since the link was opened. */
  readonly firstPaintMs: number
  readonly fleetShownMs: number
}

const root = join(import.meta.dirname, '../..')
const hourMs = 3_600_000
const guests = 4

/** One start of each. */
export async function measureStartUp(hosts: number): Promise<{ desktop: StartUp; browser: StartUp }> {
  const folder = mkdtempSync(join(tmpdir(), 'singleton-start-'))
  try {
    writeSaved(folder, hosts)
    return { desktop: await startDesktop(folder), browser: await startBrowserShell(folder) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function writeSaved(folder: string, count: number): void {
  const data = join(folder, 'data')
  mkdirSync(join(folder, 'home/.ssh'), { recursive: true, mode: 0o700 })
  mkdirSync(data, { mode: 0o700 })
  const hosts = Array.from({ length: count }, (_, index) => ({
    id: replayedId(index),
    name: replayedId(index),
    // The discard port: refused at once.
    address: 'nobody@127.0.0.1:9',
    mode: 'observe',
    tags: ['lab'],
  }))
  writeFileSync(join(data, 'hosts.json'), JSON.stringify({ version: 1, hosts }))
  const replayed = hosts.map((_, index) => ({ index, guests }))
  writeReplayedHistory(data, replayed, [{ fromAgo: hourMs, toAgo: 0, stepMs: 60_000 }])
}

async function startDesktop(folder: string): Promise<StartUp> {
  const startedAt = performance.timeOrigin + performance.now()
  const app = await launch({ home: folder, env: { HOME: join(folder, 'home') } })
  try {
    const ready = await app.evaluate(({ app: electron }) => {
      return (electron as unknown as { chromiumReadyAt?: number }).chromiumReadyAt ?? Number.NaN
    }, undefined)
    return { readyMs: ready - startedAt, ...(await readPaint(app.page, startedAt)) }
  } finally {
    app.kill()
    await app.exited
  }
}

async function startBrowserShell(folder: string): Promise<StartUp> {
  const startedAt = performance.timeOrigin + performance.now()
  const child = spawn(process.execPath, [join(root, 'out/main/serve.js'), '--port', '0'], {
    cwd: root,
    env: personEnv(folder),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const browsing = await openChromium(folder)
  try {
    const { url, printedAt } = await findLink(child)
    const openedAt = performance.timeOrigin + performance.now()
    await browsing.page.goto(url)
    return { readyMs: printedAt - startedAt, ...(await readPaint(browsing.page, openedAt)) }
  } finally {
    await browsing.close()
    const exited = once(child, 'exit')
    child.kill()
    await exited
  }
}

async function findLink(child: ChildProcess): Promise<{ url: string; printedAt: number }> {
  if (!child.stdout) throw new Error('the browser shell has no stdout')
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /https?:\S+/.exec(line)?.[0]
    if (url) return { url, printedAt: performance.timeOrigin + performance.now() }
  }
  throw new Error('the browser shell printed no link')
}

async function readPaint(page: Page, startedAt: number) {
  await page.getByTestId('fleet-table').locator('tbody tr[data-row]').first().waitFor()
  const { painted, shown } = await page.evaluate(() => ({
    painted:
      performance.timeOrigin +
      (performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN),
    // The frame that drew the fleet.
    shown:
      performance.timeOrigin +
      (performance.getEntriesByName('first-page-drawn')[0]?.startTime ?? performance.now()),
  }))
  return { firstPaintMs: painted - startedAt, fleetShownMs: shown - startedAt }
}
