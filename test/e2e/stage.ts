// What the browser tests stand on: a lab, the workbench that serves it, and a browser with its page.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { beforeEach, vi } from 'vitest'
import { type Lab, type LabOptions, upLab, writeSshHome } from '../beds/lab/lab.ts'
import { runOk } from '../beds/lab/run.ts'
import { type Browsing, noChromium, openChromium, type ViewOptions } from './chromium.ts'
import { personEnv, type ServedWorkbench, serveWorkbench } from './served-workbench.ts'

export interface StageOptions {
  readonly lab: LabOptions
  readonly view?: ViewOptions
  /** Start with an empty known_hosts, so that the workbench has to ask. */
  readonly unknownKeys?: boolean
}

export interface Stage {
  readonly lab: Lab
  readonly workbench: ServedWorkbench
  readonly browsing: Browsing
  readonly page: Page
  /** Holds `home` and `data` of the workbench. */
  readonly folder: string
  /** The command line, for the same person and the same data. */
  cli(args: readonly string[]): Promise<void>
  down(): Promise<void>
}

const root = join(import.meta.dirname, '../..')

/** Why these tests cannot run here; undefined when they can. */
export const cannotRun =
  process.getuid?.() === 0 ? noChromium : 'a lab of real guests needs root for namespaces of its own'

export async function upStage({
  lab: labOptions,
  view = {},
  unknownKeys = false,
}: StageOptions): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'singleton-e2e-'))
  const ends: (() => Promise<unknown>)[] = [async () => rmSync(folder, { recursive: true, force: true })]
  const down = async () => {
    for (const end of ends.splice(0).reverse()) await end()
  }
  try {
    const lab = await upLab(labOptions)
    ends.push(() => lab.down())
    const home = join(folder, 'home')
    mkdirSync(home)
    writeSshHome(lab, home)
    if (unknownKeys) writeFileSync(join(home, '.ssh/known_hosts'), '')
    const workbench = await serveWorkbench(folder)
    ends.push(() => workbench.stop())
    const browsing = await openChromium(folder, view)
    ends.push(() => browsing.close())
    await browsing.page.goto(workbench.url)
    const cli = async (args: readonly string[]) => {
      await runOk(process.execPath, [join(root, 'src/main/cli.ts'), ...args], { env: personEnv(folder) })
    }
    return { lab, workbench, browsing, page: browsing.page, folder, cli, down }
  } catch (error) {
    await down()
    throw error
  }
}

/** For tests in a row, each of which stands on the one before it. */
export function skipAfterFailure(): void {
  let failed = false
  beforeEach(({ skip, onTestFailed }) => {
    if (failed) skip('a step before it failed')
    onTestFailed(() => {
      failed = true
    })
  })
}

/** Adds a host by its address through the dialog, as a person does. */
export async function addHost(page: Page, address: string, name: string): Promise<void> {
  await page.getByRole('button', { name: /^Add (a )?host$/ }).click()
  const dialog = page.getByRole('dialog', { name: 'Add hosts' })
  await dialog.getByRole('textbox', { name: 'Address' }).fill(address)
  await dialog.getByRole('textbox', { name: 'Name' }).fill(name)
  await dialog.getByTestId('add-host-submit').click()
}

/** By the whole name: rows may speak of other hosts. */
export function fleetRow(page: Page, name: string): Locator {
  const rows = page.getByTestId('fleet-table').locator('tbody tr')
  return rows.filter({ has: page.getByText(name, { exact: true }) })
}

/** Goes to a tab of the host that is shown, by its link. */
export async function openTab(page: Page, title: string): Promise<void> {
  const tab = page.getByTestId('host-tabs').getByRole('link', { name: title, exact: true })
  await tab.click()
  await page.getByTestId('host-tabs').locator('[aria-current]').getByText(title, { exact: true }).waitFor()
}

/** Waits for the report of an act; fails at once with what the page says when the act failed. */
export async function waitForResult(page: Page, text: string, withinMs = 60_000): Promise<void> {
  const failed = page.getByTestId('toast-problem')
  const done = page.getByTestId('toast-result').getByText(text)
  await done.or(failed).first().waitFor({ timeout: withinMs })
  if (await failed.count()) throw new Error(`the page says: ${await failed.first().textContent()}`)
}

/** Closes the reports of earlier acts, some of which may go by themselves meanwhile, and waits until none is left. */
export async function dismissReports(page: Page): Promise<void> {
  const closing = page.getByRole('button', { name: 'Dismiss' })
  const close = async () => {
    await closing.evaluateAll((buttons) => {
      for (const button of buttons) (button as HTMLElement).click()
    })
    return (await closing.count()) === 0
  }
  await vi.waitUntil(close, { timeout: 30_000, interval: 50 })
}

/** The number behind a figure on screen, undefined while there is none. */
export async function readNumber(figure: Locator, attribute: string): Promise<number | undefined> {
  const text = await figure.getAttribute(attribute)
  return text === null ? undefined : Number(text)
}
