// Binds the desktop contract to one tab or window: requests in, notifications out.
import {
  AbstractMessageReader,
  AbstractMessageWriter,
  createMessageConnection,
  type DataCallback,
  type Disposable,
  type Message,
  type MessageConnection,
  type MessageReader,
  type MessageWriter,
} from 'vscode-jsonrpc/node'
import { type DesktopNotifications, desktopContract } from '../shared/contract/index.ts'
import { notifier, serveContract } from '../shared/rpc.ts'
import type { Workbench } from './workbench.ts'

/** Whole JSON texts both ways: a WebSocket, or a MessagePort. */
export interface TextChannel {
  send(text: string): void
  onText(listener: (text: string) => void): void
  onClose(listener: () => void): void
  close(): void
}

/** Serves until the channel closes. */
export function serveDesktop(channel: TextChannel, workbench: Workbench): MessageConnection {
  const connection = createMessageConnection(channelReader(channel), channelWriter(channel))
  const notify = notifier<DesktopNotifications>(connection)
  serveContract(connection, desktopContract, workbench.handlers)
  const unsubscribe = workbench.subscribe(notify)
  connection.onClose(() => {
    unsubscribe()
    connection.dispose()
  })
  connection.listen()
  return connection
}

export function channelReader(channel: TextChannel): MessageReader {
  return new ChannelReader(channel)
}

export function channelWriter(channel: TextChannel): MessageWriter {
  return new ChannelWriter(channel)
}

class ChannelReader extends AbstractMessageReader {
  readonly #channel: TextChannel

  constructor(channel: TextChannel) {
    super()
    this.#channel = channel
    channel.onClose(() => this.fireClose())
  }

  listen(callback: DataCallback): Disposable {
    this.#channel.onText((text) => {
      try {
        callback(JSON.parse(text) as Message)
      } catch (error) {
        this.fireError(error)
        this.#channel.close()
      }
    })
    return { dispose: () => this.#channel.close() }
  }
}

class ChannelWriter extends AbstractMessageWriter {
  readonly #channel: TextChannel

  constructor(channel: TextChannel) {
    super()
    this.#channel = channel
    channel.onClose(() => this.fireClose())
  }

  async write(message: Message): Promise<void> {
    this.#channel.send(JSON.stringify(message))
  }

  end(): void {
    this.#channel.close()
  }
}
