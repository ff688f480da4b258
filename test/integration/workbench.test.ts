// The workbench with the real helper on this machine, and through the browser shell's WebSocket.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type BrowserShell, openBrowserShell } from '../../src/main/browser-shell/browser-shell.ts'
import type { Workbench } from '../../src/main/workbench.ts'
import type { DesktopContract } from '../../src/shared/contract/index.ts'
import type { Call } from '../../src/shared/rpc.ts'
import { keyOfLink, openPage } from '../fakes/page.ts'
import { openWorkbench } from '../open-workbench.ts'

let folder: string
let workbench: Workbench
let shell: BrowserShell

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'singleton-workbench-'))
  mkdirSync(join(folder, 'renderer'))
  writeFileSync(join(folder, 'renderer/index.html'), '<h1>workbench</h1>')
  workbench = await open()
  shell = await openBrowserShell({
    workbench,
    rendererDirectory: join(folder, 'renderer'),
    port: 0,
  })
})

afterAll(async () => {
  await shell.close()
  await workbench.close()
  rmSync(folder, { recursive: true })
})

function open(): Promise<Workbench> {
  return openWorkbench(folder)
}

async function openTab(): Promise<Call<DesktopContract>> {
  return (await openPage(shell.port, keyOfLink(await shell.newLink()))).call
}

describe('the browser shell', () => {
  it('serves files of the renderer and nothing else', async () => {
    const base = `http://127.0.0.1:${shell.port}`
    const page = await fetch(base)
    expect(page.status).toBe(200)
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(page.headers.get('cache-control')).toBe('no-store')
    expect(page.headers.get('set-cookie')).toBeNull()
    expect((await fetch(`${base}/%2e%2e/data/hosts.json`)).status).toBe(404)
  })
})

describe('the workbench on this machine', () => {
  it('adds, connects, samples, assesses, guards changes, reports, and remembers', async () => {
    const [tab, other] = [await openTab(), await openTab()]
    const { id: hostId, mode } = await tab('hosts/add', { address: 'local', name: 'here' })
    expect(mode).toBe('observe')
    await expect(tab('hosts/add', { address: 'local' })).rejects.toMatchObject({ code: 'bad-input' })
    await tab('hosts/connect', { hostId })
    const view = async () => (await other('fleet/list', {})).hosts[0]
    await expect
      .poll(async () => (await view())?.latest?.memory.totalBytes, { timeout: 60_000 })
      .toBeGreaterThan(0)
    expect(await view()).toMatchObject({ connection: { state: 'connected' }, hello: { readOnly: true } })

    await expect(tab('page-cache/scrub', { hostId })).rejects.toMatchObject({ code: 'read-only' })
    const assessment = await tab('assess', { hostId })
    expect((await view())?.assessment).toEqual(assessment)
    await tab('hosts/set-mode', { hostId, mode: 'change' })
    await tab('hosts/connect', { hostId })
    expect((await view())?.hello?.readOnly).toBe(false)

    const { content } = await tab('reports/build', { hostIds: [hostId], format: 'html' })
    expect(content).toContain('<h2>here</h2>')
    await expect
      .poll(
        async () => {
          const range = { from: Date.now() - 60_000, to: Date.now(), points: 100 }
          return (await tab('history/series', { hostId, ...range, metrics: ['freeBytes'] })).at.length
        },
        { timeout: 60_000 },
      )
      .toBeGreaterThan(1)

    await workbench.close()
    workbench = await open()
    const [remembered] = workbench.fleet.list()
    expect(remembered?.host).toMatchObject({ name: 'here', mode: 'change' })
    expect(remembered?.assessment).toEqual(assessment)
  })
})
