// The workbench with the real helper on this machine, and through the browser shell's WebSocket.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createMessageConnection } from 'vscode-jsonrpc/node'
import { WebSocket } from 'ws'
import { type BrowserShell, openBrowserShell } from '../../src/main/browser-shell/browser-shell.ts'
import type { Workbench } from '../../src/main/workbench.ts'
import { type DesktopContract, desktopContract } from '../../src/shared/contract/index.ts'
import { type Call, callContract } from '../../src/shared/rpc.ts'
import { channelReader, channelWriter, type TextChannel } from '../../src/shared/text-channel.ts'
import { openWorkbench } from '../open-workbench.ts'

let folder: string
let workbench: Workbench
let shell: BrowserShell
let cookie: string
const urls: string[] = []
const sockets: WebSocket[] = []

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'singleton-workbench-'))
  mkdirSync(join(folder, 'renderer'))
  writeFileSync(join(folder, 'renderer/index.html'), '<h1>workbench</h1>')
  workbench = await open()
  shell = await openBrowserShell({
    workbench,
    rendererDirectory: join(folder, 'renderer'),
    port: 0,
    onUrl: (url) => urls.push(url),
  })
  const response = await fetch(urls[0] ?? '', { redirect: 'manual' })
  cookie = response.headers.get('set-cookie')?.split(';')[0] ?? ''
})

afterAll(async () => {
  for (const socket of sockets) socket.terminate()
  await shell.close()
  await workbench.close()
  rmSync(folder, { recursive: true })
})

function open(): Promise<Workbench> {
  return openWorkbench(folder)
}

const base = () => `http://127.0.0.1:${shell.port}`

function dial(headers: Record<string, string>): Promise<WebSocket> {
  const socket = new WebSocket(`${base().replace('http', 'ws')}/rpc`, { headers })
  sockets.push(socket)
  return new Promise((resolve, reject) => {
    socket.on('open', () => resolve(socket))
    socket.on('error', reject)
  })
}

async function openTab(): Promise<Call<DesktopContract>> {
  const socket = await dial({ cookie, origin: base() })
  const channel: TextChannel = {
    send: (text) => socket.send(text),
    onText: (listener) => socket.on('message', (data) => listener(data.toString())),
    onClose: (listener) => socket.on('close', listener),
    close: () => socket.close(),
  }
  const connection = createMessageConnection(channelReader(channel), channelWriter(channel))
  connection.listen()
  return callContract(connection, desktopContract)
}

describe('the browser shell', () => {
  it('lets in who has the cookie, from its own page only', async () => {
    expect((await fetch(base())).status).toBe(403)
    expect((await fetch(urls[0] ?? '', { redirect: 'manual' })).status).toBe(403)
    const page = await fetch(base(), { headers: { cookie } })
    expect(page.status).toBe(200)
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(page.headers.get('cache-control')).toBe('no-store')
    expect((await fetch(`${base()}/%2e%2e/data/hosts.json`, { headers: { cookie } })).status).toBe(404)
    await expect(dial({ cookie, origin: 'http://evil.example' })).rejects.toThrow('403')
    await expect(dial({ cookie, origin: 'http://evil.example', host: 'evil.example' })).rejects.toThrow('403')
    await expect(dial({ origin: base() })).rejects.toThrow('403')
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
      .poll(async () => (await view())?.latest?.memory.totalBytes, { timeout: 15_000 })
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
        { timeout: 10_000 },
      )
      .toBeGreaterThan(1)

    await workbench.close()
    workbench = await open()
    const [remembered] = workbench.fleet.list()
    expect(remembered?.host).toMatchObject({ name: 'here', mode: 'change' })
    expect(remembered?.assessment).toEqual(assessment)
  })
})
