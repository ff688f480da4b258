// The two ways to main: a MessagePort handed over by Electron, or a proven WebSocket of the browser shell.
import type { ByteChannel } from '../../shared/channel/sealed-channel.ts'
import type { TextChannel } from '../../shared/channel/text-channel.ts'
import { LinkFailure } from './link-failure.ts'
import { proveToWorkbench } from './prove-to-workbench.ts'
import { readKey, storeKey } from './stored-key.ts'

const openTimeoutMs = 10_000

/** Opens the page's link to the browser shell. Rejects with a `LinkFailure`. */
export async function openProvenSocket(page: Window): Promise<TextChannel> {
  const key = readKey(page)
  if (!key) throw new LinkFailure('no-key')
  const url = new URL('/rpc', page.location.href)
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  const { channel, pageKey } = await proveToWorkbench(await openWebSocket(url.href), key)
  storeKey(page, pageKey)
  return channel
}

/** Why a socket does not open is not told to pages, so there is one reason. */
function openWebSocket(url: string): Promise<ByteChannel> {
  const socket = new WebSocket(url)
  socket.binaryType = 'arraybuffer'
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => socket.close(), openTimeoutMs)
    socket.addEventListener('open', () => {
      clearTimeout(timer)
      resolve(channelOfSocket(socket))
    })
    socket.addEventListener('close', () => {
      clearTimeout(timer)
      reject(new LinkFailure('unreachable'))
    })
  })
}

function channelOfSocket(socket: WebSocket): ByteChannel {
  return {
    send: (bytes) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(bytes)
    },
    onBytes: (listener) =>
      // A text comes from no workbench: it is as good as no bytes, which nobody takes for a proof or a message.
      socket.addEventListener('message', ({ data }: MessageEvent<unknown>) =>
        listener(new Uint8Array(data instanceof ArrayBuffer ? data : [])),
      ),
    onClose: (listener) => socket.addEventListener('close', listener),
    close: () => socket.close(),
  }
}

/** Waits for the one port that the preload hands over. Only this window's own messages count. */
export function receivePort(page: Window): Promise<TextChannel> {
  return new Promise((resolve) => {
    const receive = (event: MessageEvent<unknown>) => {
      const port = event.ports[0]
      if (event.source !== page || !isPortMessage(event.data) || !port) return
      page.removeEventListener('message', receive)
      resolve(channelOfPort(port))
    }
    page.addEventListener('message', receive)
  })
}

function isPortMessage(data: unknown): boolean {
  return typeof data === 'object' && data !== null && 'type' in data && data.type === 'desktop-port'
}

function channelOfPort(port: MessagePort): TextChannel {
  return {
    send: (text) => port.postMessage(text),
    onText: (listener) => {
      port.addEventListener('message', (event) => listener(String(event.data)))
      port.start()
    },
    // Chromium raises `close` on a port whose other end is gone.
    onClose: (listener) => port.addEventListener('close', listener),
    close: () => port.close(),
  }
}
