// The two ways to main: a MessagePort handed over by Electron, or a WebSocket of the browser shell.
import type { TextChannel } from '../../shared/text-channel.ts'

const openTimeoutMs = 10_000

/** Rejects when the socket does not open; the reason is not told to pages, so none is given. */
export function openWebSocket(url: string): Promise<TextChannel> {
  const socket = new WebSocket(url)
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => socket.close(), openTimeoutMs)
    socket.addEventListener('open', () => {
      clearTimeout(timer)
      resolve(channelOfSocket(socket))
    })
    socket.addEventListener('close', () => {
      clearTimeout(timer)
      reject(new Error('the workbench does not answer'))
    })
  })
}

function channelOfSocket(socket: WebSocket): TextChannel {
  return {
    send: (text) => {
      if (socket.readyState !== WebSocket.OPEN) throw new Error('the connection to the workbench is closed')
      socket.send(text)
    },
    onText: (listener) => socket.addEventListener('message', (event) => listener(String(event.data))),
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
