// The browser shell: the renderer over HTTP and the desktop contract over a WebSocket, on loopback only.
// The files are no secret, and anybody on this machine may fetch them. What is behind the WebSocket opens only to a page
// that proves to hold a key which we gave out (tabs.ts); no cookie or header stands for that. Only what answers with files
// is loaded before it listens.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { ServedDesktop } from '../desktop/desktop-server.ts'
import { answerRequest, endFailed, endWith, refuse } from './answer-request.ts'
import { ConnectionLimit } from './connection-limit.ts'
import { FaultLog } from './fault-log.ts'
import { PageKeys } from './page-keys.ts'
import { isSameOrigin, pathOf } from './request-origin.ts'
import type { Tabs } from './tabs.ts'

export interface BrowserShellOptions {
  /** Pages that come before it is there are served once it is. */
  readonly workbench: ServedDesktop | Promise<ServedDesktop>
  /** out/renderer. */
  readonly rendererDirectory: string
  /** 0: any free port. */
  readonly port: number
  /** How long a connection may take for the headers of a request, or a page to prove itself; absent: 30 s and 10 s. */
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
const maxConnections = 64
const longestHeaderBytes = 16 * 1024
/** Longer than Chromium keeps a connection that it opened ahead of need: closed by us, it may just have been used. */
const headersMs = 30_000
/** A connection on which nothing moves for this long is closed; WebSockets have pings of their own. */
const idleMs = 40_000

/** Listens on loopback. Rejects where the port is taken. `close` ends every connection. */
export async function openBrowserShell(options: BrowserShellOptions): Promise<BrowserShell> {
  const { patienceMs = 10_000, port: wantedPort } = options
  const server = createServer({
    maxHeaderSize: longestHeaderBytes,
    headersTimeout: options.patienceMs ?? headersMs,
    requestTimeout: options.patienceMs ?? headersMs,
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
      await shell.closeTabs()
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
  readonly #log: FaultLog
  readonly #limit = new ConnectionLimit(maxConnections)
  readonly #openTabs: () => Promise<Tabs>
  #tabs: Promise<Tabs> | undefined

  constructor(options: BrowserShellOptions, keys: PageKeys, patienceMs: number) {
    this.#options = options
    this.#log = new FaultLog(options.onLog)
    const { workbench } = options
    this.#openTabs = async () => {
      const { Tabs } = await import('./tabs.ts')
      return new Tabs({ workbench, keys, patienceMs, log: this.#log, limit: this.#limit })
    }
  }

  listenTo(server: Server): void {
    server.on('connection', (socket) => {
      // First of all: without a listener, the reset of any socket would end the process.
      socket.on('error', () => socket.destroy())
      this.#limit.addSocket(socket)
    })
    server.on('error', (error) => this.#log.write('the browser shell failed', error))
    server.on('clientError', endFailed)
    server.on('checkExpectation', (_request, response: ServerResponse) => refuse(response, 417, 'No.'))
    server.on('request', (request, response) => this.#guard(request, response))
    server.on('connect', (_request, socket) => endWith(socket, 405))
    server.on('upgrade', (request, socket, head) => {
      socket.on('error', () => socket.destroy())
      this.#upgrade(request, socket, head).catch((error: unknown) => {
        this.#log.write('cannot open a WebSocket', error)
        socket.destroy()
      })
    })
  }

  async closeTabs(): Promise<void> {
    const tabs = await this.#tabs
    tabs?.close()
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

  /** Nothing that the page sends is read before there is somebody who reads it. */
  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    if (pathOf(request.url) !== '/rpc' || !isSameOrigin(request)) {
      endWith(socket, 403)
      return
    }
    this.#tabs ??= this.#openTabs()
    const tabs = await this.#tabs
    tabs.open(request, socket, head)
  }
}
