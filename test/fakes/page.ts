// A page of the browser shell without a browser: it proves itself by the page's own code, over a WebSocket of Node's.
import { createMessageConnection } from 'vscode-jsonrpc/node'
import { WebSocket } from 'ws'
import { proveToWorkbench } from '../../src/renderer/link/prove-to-workbench.ts'
import { type Bytes, decodeBytes } from '../../src/shared/channel/page-key.ts'
import type { ByteChannel } from '../../src/shared/channel/sealed-channel.ts'
import { channelReader, channelWriter } from '../../src/shared/channel/text-channel.ts'
import { type DesktopContract, desktopContract } from '../../src/shared/contract/index.ts'
import { type Call, callContract } from '../../src/shared/rpc.ts'

export interface FakePage {
  readonly call: Call<DesktopContract>
  /** What the page would keep in its tab. */
  readonly key: Bytes
  readonly socket: WebSocket
}

export function keyOfLink(link: string): Bytes {
  const key = decodeBytes(new URL(link).hash.replace('#link=', ''))
  if (!key) throw new Error('the link holds no key')
  return key
}

/** Rejects as the page would, or with what the server answered to the upgrade. */
export async function openPage(port: number, key: Bytes): Promise<FakePage> {
  const socket = await dial(port)
  const { channel, pageKey } = await proveToWorkbench(channelOf(socket), key)
  const connection = createMessageConnection(channelReader(channel), channelWriter(channel))
  // Calls that wait fail, as they do in the page.
  connection.onClose(() => connection.dispose())
  connection.listen()
  return { call: callContract(connection, desktopContract), key: pageKey, socket }
}

export function dial(port: number, headers: Record<string, string> = {}): Promise<WebSocket> {
  const origin = `http://127.0.0.1:${port}`
  const socket = new WebSocket(`ws://127.0.0.1:${port}/rpc`, { headers: { origin, ...headers } })
  socket.binaryType = 'arraybuffer'
  return new Promise((resolve, reject) => {
    socket.on('open', () => resolve(socket))
    socket.on('error', reject)
  })
}

export function channelOf(socket: WebSocket): ByteChannel {
  return {
    send: (bytes) => socket.send(bytes),
    onBytes: (listener) => socket.on('message', (data) => listener(new Uint8Array(data as ArrayBuffer))),
    onClose: (listener) => socket.on('close', listener),
    close: () => socket.close(),
  }
}
