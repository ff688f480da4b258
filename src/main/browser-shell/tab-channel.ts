// A tab's WebSocket as a channel of bytes, with an eye on tabs that are gone or do not read.
import { WebSocket } from 'ws'
import type { ByteChannel } from '../../shared/channel/sealed-channel.ts'

/** A tab that reads this much slower than we write is cut off; it connects again. */
const maxBacklogBytes = 64 * 1024 * 1024
const pingEveryMs = 20_000

/** A tab that does not read is cut off once its backlog is too large. */
export function channelOfTab(tab: WebSocket): ByteChannel {
  tab.binaryType = 'arraybuffer'
  keepAlive(tab)
  return {
    send: (bytes) => {
      if (tab.readyState !== WebSocket.OPEN) return
      if (tab.bufferedAmount > maxBacklogBytes) tab.terminate()
      else tab.send(bytes)
    },
    onBytes: (listener) =>
      tab.on('message', (data) => {
        if (data instanceof ArrayBuffer) listener(new Uint8Array(data))
        // Texts come as Buffers; ours are all binary.
        else tab.terminate()
      }),
    onClose: (listener) => tab.on('close', listener),
    close: () => tab.close(),
  }
}

function keepAlive(tab: WebSocket): void {
  let answered = true
  const ping = setInterval(() => {
    if (answered) tab.ping()
    else tab.terminate()
    answered = false
  }, pingEveryMs)
  tab.on('pong', () => {
    answered = true
  })
  tab.on('close', () => clearInterval(ping))
}
