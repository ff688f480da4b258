// The page and whoever else answers or asks at its address: in a real browser, with a workbench that is killed.
import { generateKeyPairSync } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import ssh2 from 'ssh2'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { greeting } from '../../src/shared/channel/page-key.ts'
import { findFreePort } from '../beds/free-port.ts'
import { seriousFaults, settle } from './axe-faults.ts'
import { type Browsing, noChromium, openChromium } from './chromium.ts'
import { eventually } from './eventually.ts'
import { type Impostor, lies, startImpostor } from './impostor.ts'
import { type ServedWorkbench, serveWorkbench } from './served-workbench.ts'
import { addHost, skipAfterFailure } from './stage.ts'

if (noChromium) console.warn(`skipped: ${noChromium}`)

const password = 'correct horse battery staple'

describe.skipIf(noChromium !== undefined)('the page in a hostile neighbourhood', () => {
  let folder: string
  let port: number
  let workbench: ServedWorkbench
  let browsing: Browsing
  let sshd: ssh2.Server
  let neighbour: Server
  const page = () => browsing.page
  const base = () => `http://127.0.0.1:${port}`
  const banner = (reason: string, at: Page = page()) =>
    at.locator(`[data-testid=link-banner][data-reason=${reason}]`)

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'singleton-hostile-'))
    mkdirSync(join(folder, 'home/.ssh'), { recursive: true })
    port = await findFreePort()
    workbench = await serveWorkbench(folder, port)
    browsing = await openChromium(folder)
    sshd = await startSshd()
    neighbour = await startNeighbour(port)
  })
  skipAfterFailure()
  afterAll(async () => {
    await browsing?.close()
    await workbench?.stop()
    sshd?.close()
    neighbour?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('opens by a link that is good once, and keeps no secret in its address or in a cookie', async () => {
    await page().goto(workbench.url)
    await page().getByTestId('empty-fleet').waitFor()
    await eventually(() => page().url()).toBe(`${base()}/#/`)
    expect(await page().context().cookies()).toEqual([])
    expect(await page().evaluate(() => Object.keys(localStorage))).toEqual([])
  })

  it('opens again after a reload in its own tab', async () => {
    await page().reload()
    await page().getByTestId('empty-fleet').waitFor()
    await page().getByTestId('link-banner').waitFor({ state: 'detached' })
  })

  it('says what to do in a second tab, and with a link that was used', async () => {
    const other = await page().context().newPage()
    await other.goto(base())
    await banner('no-key', other).getByText('--print-link').waitFor()
    await other.goto(workbench.url)
    await banner('refused', other).getByText('--print-link').waitFor()
    await other.close()
  })

  it('opens to no page of another address', async () => {
    const evil = await page().context().newPage()
    const { port: evilPort } = neighbour.address() as AddressInfo
    // Cookies of this host reach every port of it.
    await evil.goto(`http://127.0.0.1:${evilPort}/`)
    const outcome = await evil.evaluate(attack, port)
    expect(outcome).toEqual({
      socket: 'closed',
      upgrade: 'failed',
      read: 'failed',
      frame: 'unreadable',
      opened: 'unreadable',
    })
    await evil.close()
    await page().getByTestId('empty-fleet').waitFor()
  })

  it('asks for a password, and closes the question when the workbench is gone', async () => {
    const { port: sshPort } = sshd.address() as AddressInfo
    await addHost(page(), `somebody@127.0.0.1:${sshPort}`, 'asks')
    await page().getByTestId('host-key-accept').waitFor({ timeout: 30_000 })
    await settle(page())
    expect(await seriousFaults(page())).toEqual([])
    await page().getByTestId('host-key-accept').click()
    const dialog = page().getByTestId('secret-dialog')
    await dialog.getByRole('textbox').waitFor({ timeout: 30_000 })
    await settle(page())
    expect(await seriousFaults(page())).toEqual([])
    await dialog.getByRole('textbox').fill(password, { timeout: 30_000 })
    await workbench.kill()
    await banner('unreachable').waitFor({ timeout: 30_000 })
    await dialog.waitFor({ state: 'detached' })
  })

  describe('beside a program that took its port', () => {
    let impostor: Impostor
    beforeAll(async () => {
      impostor = await startImpostor(port)
    })
    afterAll(async () => {
      await impostor?.close()
      await banner('unreachable').waitFor({ timeout: 30_000 })
    })

    it.each(Object.entries(lies))('gives nothing to one that answers with %s', async (_, lie) => {
      const heard = await impostor.tell(lie)
      await banner('unproven').waitFor({ timeout: 30_000 })
      expect(await page().getByRole('dialog').count()).toBe(0)
      expect(heard.length).toBeGreaterThan(0)
      for (const message of heard) {
        const said = z.strictObject(greeting.shape).safeParse(JSON.parse(message))
        expect(said.success, message).toBe(true)
      }
      expect(impostor.requests).toEqual([])
    })
  })

  it('does not take another workbench for its own, until its link is opened in the tab', async () => {
    workbench = await serveWorkbench(folder, port)
    await banner('refused').getByText('--print-link').waitFor({ timeout: 30_000 })
    await page().goto(workbench.url)
    await page().getByTestId('fleet-table').getByText('asks', { exact: true }).waitFor()
    await page().getByTestId('link-banner').waitFor({ state: 'detached' })
    await page().getByTestId('secret-dialog').getByRole('textbox').waitFor({ timeout: 30_000 })
  })
})

/** Asks for passwords and takes none. */
async function startSshd(): Promise<ssh2.Server> {
  // By Node: of the keys that ssh2 makes, some cannot be read by ssh2.
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const key = privateKey.export({ type: 'sec1', format: 'pem' })
  const server = new ssh2.Server({ hostKeys: [key] }, (client) => {
    client.on('authentication', (attempt) => attempt.reject(['password']))
    client.on('error', () => client.end())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

async function startNeighbour(workbenchPort: number): Promise<Server> {
  const server = createServer((_request, response) => {
    response.setHeader('set-cookie', `singleton-${workbenchPort}=stolen; Path=/`)
    response.setHeader('content-type', 'text/html')
    response.end('<h1>hostile</h1>')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

/** Runs in the hostile page. */
async function attack(workbenchPort: number) {
  const target = `http://127.0.0.1:${workbenchPort}`
  const socket = await new Promise<string>((resolve) => {
    const tried = new WebSocket(`ws://127.0.0.1:${workbenchPort}/rpc`)
    tried.onopen = () => resolve('open')
    tried.onclose = () => resolve('closed')
  })
  const ask = (path: string) =>
    fetch(`${target}${path}`).then(
      () => 'read',
      () => 'failed',
    )
  const upgrade = await ask('//')
  const read = await ask('/')
  const frame = document.createElement('iframe')
  frame.src = `${target}/`
  await new Promise((resolve) => {
    frame.onload = resolve
    document.body.append(frame)
  })
  const look = (at: () => string | undefined) => {
    try {
      return at() ?? 'unreadable'
    } catch {
      return 'unreadable'
    }
  }
  const framed = look(() => frame.contentWindow?.document.title)
  const opened = window.open(`${target}/#link=${'A'.repeat(43)}`)
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  return { socket, upgrade, read, frame: framed, opened: look(() => opened?.document.title) }
}
