// The browser shell: the renderer over HTTP and the desktop contract over a WebSocket, on loopback only.
// The files are no secret, and anybody on this machine may fetch them. What is behind the WebSocket opens only to a page
// that proves to hold a key which we gave out (prove-to-page.ts); no cookie or header stands for that.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { serveDesktop } from '../desktop/desktop-server.ts'
import type { Workbench } from '../workbench.ts'
import { answerRequest, endWith, refuse } from './answer-request.ts'
import { ConnectionLimit } from './connection-limit.ts'
import { FaultLog } from './fault-log.ts'
import { PageKeys } from './page-keys.ts'
import { proveToPage } from './prove-to-page.ts'
import { isSameOrigin, pathOf } from './request-origin.ts'
import { channelOfTab } from './tab-channel.ts'

export interface BrowserShellOptions {
  readonly workbench: Workbench
  /** out/renderer. */
  readonly rendererDirectory: string
  /** 0: any free port. */
  readonly port: number
  /** How long a connection may take for the headers of a request, or a page to prove itself; absent: 10 s. */
  readonly patienceMs?: number
  /** Lines about our own faults, fit for a terminal; absent: stderr. */
  readonly onLog?: (line: string) => void
}

export interface BrowserShell {
  readonly port: number
  /** The address for one more page: good once, for ten minutes. */
  newLink(): Promise<string>
  close(): Promise<void>
}

const host = '127.0.0.1'
const mostConnections = 64
const largestRequestBytes = 4 * 1024 * 1024
const longestHeaderBytes = 16 * 1024
/** A connection on which nothing moves for this long is closed; WebSockets have pings of their own. */
const idleMs = 30_000

/** Listens on loopback. Rejects where the port is taken. `close` ends every connection. */
export async function openBrowserShell(options: BrowserShellOptions): Promise<BrowserShell> {
  const { patienceMs = 10_000, port: wantedPort } = options
  const server = createServer({
    maxHeaderSize: longestHeaderBytes,
    headersTimeout: patienceMs,
    requestTimeout: patienceMs,
    keepAliveTimeout: 5_000,
    connectionsCheckingInterval: Math.min(1_000, patienceMs),
  })
  server.setTimeout(idleMs)
  const keys = new PageKeys()
  const shell = new Shell(options, keys, patienceMs)
  shell.listenTo(server)
  await listen(server, wantedPort)
  const { port } = server.address() as AddressInfo
  return {
    port,
    newLink: async () => `http://${host}:${port}/#link=${await keys.newLink()}`,
    close: async () => {
      shell.closeTabs()
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

class Shell {
  readonly #options: BrowserShellOptions
  readonly #keys: PageKeys
  readonly #patienceMs: number
  readonly #log: FaultLog
  readonly #limit = new ConnectionLimit(mostConnections)
  readonly #tabs = new WebSocketServer({
    noServer: true,
    maxPayload: largestRequestBytes,
    maxFragments: 1024,
    maxBufferedChunks: 8192,
    perMessageDeflate: false,
  })

  constructor(options: BrowserShellOptions, keys: PageKeys, patienceMs: number) {
    this.#options = options
    this.#keys = keys
    this.#log = new FaultLog(options.onLog)
    this.#patienceMs = patienceMs
  }

  listenTo(server: Server): void {
    server.on('connection', (socket) => {
      // First of all: without a listener, the reset of any socket would end the process.
      socket.on('error', () => socket.destroy())
      this.#limit.add(socket)
    })
    server.on('error', (error) => this.#log.write('the browser shell failed', error))
    server.on('clientError', (_error, socket) => endWith(socket, 400))
    server.on('checkExpectation', (_request, response: ServerResponse) => refuse(response, 417, 'No.'))
    server.on('request', (request, response) => this.#guard(request, response))
    server.on('connect', (_request, socket) => endWith(socket, 405))
    server.on('upgrade', (request, socket, head) => {
      socket.on('error', () => socket.destroy())
      try {
        this.#upgrade(request, socket, head)
      } catch (error) {
        this.#log.write('cannot open a WebSocket', error)
        socket.destroy()
      }
    })
    this.#tabs.on('wsClientError', (_error, socket) => endWith(socket, 400))
  }

  closeTabs(): void {
    for (const tab of this.#tabs.clients) tab.terminate()
  }

  #guard(request: IncomingMessage, response: ServerResponse): void {
    request.on('error', () => response.destroy())
    response.on('error', () => response.destroy())
    try {
      answerRequest(request, response, this.#options.rendererDirectory)
    } catch (error) {
      this.#log.write('cannot answer a request', error)
      refuse(response, 500, 'The file cannot be read.')
    }
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (pathOf(request.url) !== '/rpc' || !isSameOrigin(request)) {
      endWith(socket, 403)
      return
    }
    this.#tabs.handleUpgrade(request, socket, head, (tab) => {
      this.#greet(tab, socket).catch((error: unknown) => {
        this.#log.write('cannot serve a tab', error)
        tab.terminate()
      })
    })
  }

  async #greet(tab: WebSocket, socket: Duplex): Promise<void> {
    let isProven = false
    // A broken socket also closes, and closing is what counts. What strangers send is not worth a line.
    tab.on('error', (error) => isProven && this.#log.write('a tab was cut off', error))
    const impatience = setTimeout(() => tab.terminate(), this.#patienceMs)
    try {
      const channel = await proveToPage(channelOfTab(tab), this.#keys)
      if (!channel) return
      isProven = true
      this.#limit.markProven(socket)
      serveDesktop(channel, this.#options.workbench)
    } finally {
      clearTimeout(impatience)
    }
  }
}
