// WebSockets of the browser shell: what a page has to prove before it is served, and the page served.
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { type ServedDesktop, serveDesktop } from '../desktop/desktop-server.ts'
import { endWith } from './answer-request.ts'
import type { ConnectionLimit } from './connection-limit.ts'
import type { FaultLog } from './fault-log.ts'
import type { PageKeys } from './page-keys.ts'
import { proveToPage } from './prove-to-page.ts'
import { channelOfTab } from './tab-channel.ts'

interface TabsOptions {
  readonly workbench: ServedDesktop | Promise<ServedDesktop>
  readonly keys: PageKeys
  /** How long a page may take to prove itself. */
  readonly patienceMs: number
  readonly log: FaultLog
  readonly limit: ConnectionLimit
}

const maxRequestBytes = 4 * 1024 * 1024

/** Every page that has a WebSocket. */
export class Tabs {
  readonly #options: TabsOptions
  readonly #server = new WebSocketServer({
    noServer: true,
    maxPayload: maxRequestBytes,
    maxFragments: 1024,
    maxBufferedChunks: 8192,
    perMessageDeflate: false,
  })

  constructor(options: TabsOptions) {
    this.#options = options
    this.#server.on('wsClientError', (_error, socket) => endWith(socket, 400))
  }

  close(): void {
    for (const tab of this.#server.clients) tab.terminate()
  }

  open(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { log } = this.#options
    this.#server.handleUpgrade(request, socket, head, (tab) => {
      this.#greet(tab, socket).catch((error: unknown) => {
        log.write('cannot serve a tab', error)
        tab.terminate()
      })
    })
  }

  async #greet(tab: WebSocket, socket: Duplex): Promise<void> {
    const { workbench, keys, patienceMs, log, limit } = this.#options
    let isProven = false
    // A broken socket also closes, and closing is what counts. What strangers send is not worth a line.
    tab.on('error', (error) => isProven && log.write('a tab was cut off', error))
    const impatience = setTimeout(() => tab.terminate(), patienceMs)
    try {
      const channel = await proveToPage(channelOfTab(tab), keys)
      if (!channel) return
      isProven = true
      limit.markProven(socket)
      clearTimeout(impatience)
      const served = await workbench
      // Of a tab that closed while the services were loaded nobody would hear that it did.
      if (tab.readyState === tab.OPEN) serveDesktop(channel, served)
    } finally {
      clearTimeout(impatience)
    }
  }
}
