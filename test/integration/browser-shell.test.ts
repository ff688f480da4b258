// The browser shell against whoever else is on this machine: other users, other programs, pages of other addresses.
// The attackers here speak TCP; those that need a real browser are in test/e2e/hostile-pages.test.ts.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { type BrowserShell, openBrowserShell } from '../../src/main/browser-shell/browser-shell.ts'
import type { Workbench } from '../../src/main/workbench.ts'
import { encodeBytes, nameOfKey, randomKey } from '../../src/shared/channel/page-key.ts'
import { createRandom } from '../../src/shared/statistics/random.ts'
import { dial, keyOfLink, openPage } from '../fakes/page.ts'
import { randomRequest } from '../fuzz/random-requests.ts'
import { openWorkbench } from '../open-workbench.ts'

const mostConnections = 64
let folder: string
let workbench: Workbench
let shell: BrowserShell
const logged: string[] = []

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'singleton-browser-'))
  mkdirSync(join(folder, 'renderer'))
  writeFileSync(join(folder, 'renderer/index.html'), '<h1>workbench</h1>')
  workbench = await openWorkbench(folder, { stay: 'settings' })
  shell = await openBrowserShell({
    workbench,
    rendererDirectory: join(folder, 'renderer'),
    port: 0,
    patienceMs: 1_000,
    onLog: (line) => logged.push(line),
  })
})

afterAll(async () => {
  await shell.close()
  await workbench.close()
  rmSync(folder, { recursive: true })
})

const base = () => `http://127.0.0.1:${shell.port}`
const newKey = async () => keyOfLink(await shell.newLink())

/** A connection that swallows its own errors. */
function knock(): Promise<Socket> {
  const socket = connect(shell.port, '127.0.0.1')
  socket.on('error', () => socket.destroy())
  return new Promise((resolve) => socket.once('connect', () => resolve(socket)))
}

/** All that comes until the connection is closed. */
function answerOf(socket: Socket): Promise<string> {
  let answer = ''
  socket.on('data', (chunk) => {
    answer += chunk.toString('latin1')
  })
  return new Promise((resolve) => socket.once('close', () => resolve(answer)))
}

async function send(bytes: string | Buffer, ends: 'half' | 'reset' | 'wait'): Promise<string> {
  const socket = await knock()
  const closed = answerOf(socket)
  socket.write(bytes)
  if (ends === 'half') socket.end()
  if (ends === 'reset') socket.resetAndDestroy()
  return closed
}

const upgradeHead = (path: string, more: readonly string[] = []) =>
  [
    `GET ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${shell.port}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ...more,
    '',
    '',
  ].join('\r\n')

describe('requests that end a careless server', () => {
  it.each(['//', '/%', '*', 'http://[', '///rpc', '/\u00ff', '/rpc'])(
    'refuses an upgrade of %s from anywhere, and a reset after it harms nothing',
    async (path) => {
      expect(await send(upgradeHead(path), 'half')).toMatch(/^HTTP\/1\.1 40[03] /)
      await send(upgradeHead(path), 'reset')
      await send(upgradeHead(path, [`Origin: ${base()}`]), 'reset')
      expect((await fetch(base())).status).toBe(200)
    },
  )

  it.each([
    ['no host', 'GET / HTTP/1.1\r\n\r\n'],
    ['another host', 'GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n'],
    ['a body', `POST /rpc HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello`],
    ['a method of its own', 'BREW / HTTP/1.1\r\nHost: localhost\r\n\r\n'],
    ['a tunnel', 'CONNECT evil.example:443 HTTP/1.1\r\nHost: localhost\r\n\r\n'],
    ['an expectation', 'GET / HTTP/1.1\r\nHost: localhost\r\nExpect: 200-ok\r\n\r\n'],
    ['endless headers', `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`],
    ['noise', Buffer.from(Array.from({ length: 512 }, (_, at) => (at * 73) % 256))],
    ['nothing', ''],
  ])('answers %s with a refusal or not at all', async (_, request) => {
    const answer = await send(request, 'half')
    expect(answer).not.toMatch(/^HTTP\/1\.1 [23]/)
    expect((await fetch(base())).status).toBe(200)
  })

  // Browsers open connections ahead of need: an answer to nothing would be taken for that of the first request.
  it('closes connections on which nothing came, without an answer', async () => {
    expect(await answerOf(await knock())).toBe('')
  })

  it('closes connections that never finish their headers', async () => {
    const socket = await knock()
    const closed = answerOf(socket)
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n')
    const drip = setInterval(() => socket.write('X: y\r\n'), 50)
    expect(await closed).toMatch(/^(HTTP\/1\.1 40[08] .*)?/)
    clearInterval(drip)
  })

  it('closes a WebSocket that proves nothing', async () => {
    const socket = await dial(shell.port)
    await new Promise((resolve) => socket.once('close', resolve))
  })
})

describe('many connections', () => {
  it(`keeps ${mostConnections} at most, and a page that has proven itself among them`, async () => {
    const page = await openPage(shell.port, await newKey())
    const sockets = await Promise.all(Array.from({ length: mostConnections + 40 }, () => knock()))
    let open = sockets.length
    for (const socket of sockets) {
      socket.resume()
      socket.once('close', () => {
        open -= 1
      })
    }
    await expect.poll(() => open).toBeLessThan(mostConnections)
    expect(await page.call('fleet/list', {})).toMatchObject({ hosts: [], prompts: [] })
    const another = await openPage(shell.port, await newKey())
    expect(await another.call('fleet/list', {})).toMatchObject({ hosts: [], prompts: [] })
    for (const socket of sockets) socket.destroy()
    page.socket.terminate()
    another.socket.terminate()
  })
})

function texts(socket: WebSocket): string[] {
  const heard: string[] = []
  socket.on('message', (data) => heard.push(Buffer.from(data as ArrayBuffer).toString()))
  return heard
}

const sendJson = (socket: WebSocket, value: object) => socket.send(Buffer.from(JSON.stringify(value)))

describe('the greeting', () => {
  it('opens to the page that the link opened, once, and to that page again', async () => {
    const key = await newKey()
    const page = await openPage(shell.port, key)
    expect(await page.call('fleet/list', {})).toMatchObject({ hosts: [], prompts: [] })
    page.socket.terminate()
    await expect(openPage(shell.port, key)).rejects.toMatchObject({ reason: 'refused' })
    const again = await openPage(shell.port, page.key)
    expect(again.key).toEqual(page.key)
    expect(await again.call('fleet/list', {})).toMatchObject({ hosts: [], prompts: [] })
    again.socket.terminate()
  })

  it('opens to nobody else, whatever header or cookie they bring', async () => {
    await expect(openPage(shell.port, randomKey())).rejects.toMatchObject({ reason: 'refused' })
    const port = shell.port
    await expect(dial(port, { origin: 'http://evil.example' })).rejects.toThrow('403')
    await expect(dial(port, { origin: `http://127.0.0.1:${port + 1}` })).rejects.toThrow('403')
    await expect(dial(port, { origin: 'null' })).rejects.toThrow('403')
    const host = 'evil.example'
    await expect(dial(port, { origin: `http://${host}`, host })).rejects.toThrow('403')
    const cookie = `singleton-${port}=x; key=${encodeBytes(await newKey())}`
    const socket = await dial(port, { cookie })
    const heard: unknown[] = []
    socket.on('message', (data) => heard.push(data))
    socket.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'fleet/list', params: {} }))
    await new Promise((resolve) => socket.once('close', resolve))
    expect(heard).toEqual([])
  })

  it('opens to nobody who knows a key by its name and gives back the proof of the workbench', async () => {
    const page = await openPage(shell.port, await newKey())
    const forger = await dial(shell.port)
    const heard = texts(forger)
    sendJson(forger, { version: 1, key: await nameOfKey(page.key), nonce: encodeBytes(randomKey()) })
    await expect.poll(() => heard.length).toBe(1)
    sendJson(forger, { proof: JSON.parse(heard[0] ?? '{}').proof })
    await new Promise((resolve) => forger.once('close', resolve))
    expect(heard).toHaveLength(1)
    page.socket.terminate()
  })
})

describe('a program in between', () => {
  /** Passes everything on in both directions, and keeps it. */
  async function relay(change: (bytes: Buffer, at: number) => Buffer = (bytes) => bytes) {
    const sent: Buffer[] = []
    const heard: Buffer[] = []
    const http = createServer()
    new WebSocketServer({ server: http }).on('connection', (near) => {
      const far = new WebSocket(`ws://127.0.0.1:${shell.port}/rpc`, { headers: { origin: base() } })
      const opened = new Promise((resolve) => far.once('open', resolve))
      near.on('message', (data) => {
        sent.push(data as Buffer)
        void opened.then(() => far.send(data as Buffer))
      })
      near.on('close', () => far.close())
      far.on('message', (data) => {
        near.send(change(data as Buffer, heard.length))
        heard.push(data as Buffer)
      })
      far.on('close', () => near.close())
    })
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
    return { sent, heard, port: (http.address() as AddressInfo).port, close: () => http.close() }
  }

  it('sees nothing of what is said', async () => {
    const between = await relay()
    const page = await openPage(between.port, await newKey())
    const secret = 'correct horse battery staple'
    const answer = page.call('prompts/answer', { id: 'none', answer: { kind: 'secret', value: secret } })
    await expect(answer).rejects.toMatchObject({ code: 'gone' })
    const text = Buffer.concat([...between.sent, ...between.heard]).toString('latin1')
    expect(text).toContain('proof')
    expect(text).not.toContain('horse')
    expect(text).not.toContain('jsonrpc')
    page.socket.terminate()
    between.close()
  })

  it('gains nothing by sending again what the page once sent', async () => {
    const between = await relay()
    const page = await openPage(between.port, await newKey())
    const again = await openPage(between.port, page.key)
    const recorded = between.sent.slice(-2)
    await again.call('fleet/list', {})
    const socket = await dial(shell.port)
    const heard = texts(socket)
    for (const message of recorded) socket.send(message)
    await new Promise((resolve) => socket.once('close', resolve))
    expect(heard).toEqual([expect.stringMatching(/^\{"nonce":/)])
    page.socket.terminate()
    again.socket.terminate()
    between.close()
  })

  it('cannot change or drop a message without ending the connection', async () => {
    // 0 is the proof, 1 the verdict, 2 the first answer.
    const between = await relay((bytes, at) => (at < 2 ? bytes : Buffer.from(bytes.map((byte) => byte ^ 1))))
    const page = await openPage(between.port, await newKey())
    const closed = new Promise((resolve) => page.socket.once('close', resolve))
    await expect(page.call('fleet/list', {})).rejects.toMatchObject({ code: 'disconnected' })
    await closed
    between.close()
  })
})

describe('10,000 requests of nobody in particular', () => {
  it('are all refused or answered with a file, and the process goes on', async () => {
    const random = createRandom(20_261_129)
    const statuses = new Map<string, number>()
    for (let batch = 0; batch < 10_000; batch += 50) {
      const answers = Array.from({ length: 50 }, () =>
        send(randomRequest(random), random.below(2) ? 'half' : 'reset'),
      )
      for (const answer of await Promise.all(answers)) {
        const status = /^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 'none'
        statuses.set(status, (statuses.get(status) ?? 0) + 1)
      }
    }
    expect(statuses.get('101'), 'a WebSocket for a stranger').toBeUndefined()
    expect([...statuses.keys()].filter((status) => status.startsWith('5'))).toEqual([])
    console.log(
      `10,000 requests: ${[...statuses].map(([status, count]) => `${status} × ${count}`).join(', ')}`,
    )
    const page = await openPage(shell.port, await newKey())
    expect(await page.call('fleet/list', {})).toMatchObject({ hosts: [], prompts: [] })
    page.socket.terminate()
    for (const line of logged) expect(line).toMatch(/^[\x20-\x7e]{1,500}$/)
  })
})
