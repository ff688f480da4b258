// The desktop contract's transport: JSON-RPC messages as texts, over a WebSocket or a MessagePort, at both ends alike.
import {
  AbstractMessageReader,
  AbstractMessageWriter,
  type DataCallback,
  type Disposable,
  type Message,
  type MessageReader,
  type MessageWriter,
} from 'vscode-jsonrpc'

/** Whole JSON texts both ways: a WebSocket, or a MessagePort. */
export interface TextChannel {
  send(text: string): void
  onText(listener: (text: string) => void): void
  onClose(listener: () => void): void
  close(): void
}

/** A text that is no JSON closes the channel. */
export function channelReader(channel: TextChannel): MessageReader {
  return new ChannelReader(channel)
}

/** Writes without waiting: the channel itself buffers. */
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
