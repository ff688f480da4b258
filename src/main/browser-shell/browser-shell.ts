// The browser shell: the renderer over HTTP and the desktop contract over a WebSocket, on loopback only.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocket, WebSocketServer } from 'ws'
import type { TextChannel } from '../../shared/text-channel.ts'
import { serveDesktop } from '../desktop/desktop-server.ts'
import type { Workbench } from '../workbench.ts'
import { BrowserAccess, isLoopbackHost, isSameOrigin } from './browser-access.ts'
import { findStaticFile, securityHeaders, sendStaticFile } from './static-files.ts'

export interface BrowserShellOptions {
  readonly workbench: Workbench
  /** out/renderer. */
  readonly rendererDirectory: string
  /** 0: any free port. */
  readonly port: number
  /** The URL for one more browser; called at first and whenever the last one was used. */
  readonly onUrl: (url: string) => void
}

export interface BrowserShell {
  readonly port: number
  close(): Promise<void>
}

const host = '127.0.0.1'
const largestRequestBytes = 1024 * 1024
/** A tab that reads this much slower than we write is cut off; it connects again. */
const largestBacklogBytes = 64 * 1024 * 1024
const pingEveryMs = 20_000

export async function openBrowserShell(options: BrowserShellOptions): Promise<BrowserShell> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, host, resolve)
  })
  const { port } = server.address() as AddressInfo
  const access = new BrowserAccess(port)
  const announceUrl = () => options.onUrl(`http://${host}:${port}/?token=${access.token}`)
  const sockets = new WebSocketServer({ noServer: true, maxPayload: largestRequestBytes })
  server.on('request', (request, response) => {
    try {
      answer(request, response, access, options, announceUrl)
    } catch (error) {
      refuse(response, 500, 'The file cannot be read.')
      console.error(`cannot answer ${request.url}: ${error instanceof Error ? error.message : error}`)
    }
  })
  server.on('upgrade', (request, socket, head) => {
    if (!mayUpgrade(request, access)) {
      refuseUpgrade(socket)
      return
    }
    sockets.handleUpgrade(request, socket, head, (tab) => {
      serveDesktop(channelOf(tab), options.workbench)
    })
  })
  announceUrl()
  return {
    port,
    close: async () => {
      for (const tab of sockets.clients) tab.terminate()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  access: BrowserAccess,
  { rendererDirectory }: BrowserShellOptions,
  onTokenUsed: () => void,
): void {
  const refusal = findRefusal(request)
  if (refusal) {
    refuse(response, ...refusal)
    return
  }
  for (const [name, value] of Object.entries(securityHeaders(`'self' ws://${request.headers.host}`))) {
    response.setHeader(name, value)
  }
  const url = new URL(request.url ?? '/', `http://${host}`)
  const cookie = access.exchange(url.searchParams.get('token') ?? '')
  if (cookie !== undefined) {
    response.writeHead(303, { location: '/', 'set-cookie': cookie, 'cache-control': 'no-store' }).end()
    onTokenUsed()
    return
  }
  if (!access.isAllowed(request.headers.cookie)) {
    refuse(response, 403, 'Open the address that the workbench printed last; each is good for one browser.')
    return
  }
  const file = findStaticFile(rendererDirectory, url.pathname)
  if (file) sendStaticFile(response, file, request.method === 'GET')
  else refuse(response, 404, 'There is no such file.')
}

function findRefusal({ headers, method }: IncomingMessage): [status: number, text: string] | undefined {
  if (!isLoopbackHost(headers.host)) return [421, 'Only loopback names are answered here.']
  if (method !== 'GET' && method !== 'HEAD') return [405, 'Only GET is answered.']
  return undefined
}

function mayUpgrade(request: IncomingMessage, access: BrowserAccess): boolean {
  const { pathname } = new URL(request.url ?? '/', `http://${host}`)
  return pathname === '/rpc' && isSameOrigin(request) && access.isAllowed(request.headers.cookie)
}

function refuse(response: ServerResponse, status: number, text: string): void {
  if (response.headersSent) {
    response.destroy()
    return
  }
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' })
  response.end(`${text}\n`)
}

function refuseUpgrade(socket: Duplex): void {
  socket.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-length: 0\r\n\r\n')
}

function channelOf(tab: WebSocket): TextChannel {
  let answered = true
  const ping = setInterval(() => {
    if (answered) tab.ping()
    else tab.terminate()
    answered = false
  }, pingEveryMs)
  tab.on('pong', () => {
    answered = true
  })
  // A broken socket also closes, and closing is what counts.
  tab.on('error', (error) => console.error(`a tab was cut off: ${error.message}`))
  tab.on('close', () => clearInterval(ping))
  return {
    send: (text) => {
      if (tab.readyState !== WebSocket.OPEN) return
      if (tab.bufferedAmount > largestBacklogBytes) tab.terminate()
      else tab.send(text)
    },
    onText: (listener) => tab.on('message', (data) => listener(data.toString())),
    onClose: (listener) => tab.on('close', listener),
    close: () => tab.close(),
  }
}
