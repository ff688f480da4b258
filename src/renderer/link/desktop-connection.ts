// A vscode-jsonrpc connection over a TextChannel.
import {
  AbstractMessageReader,
  AbstractMessageWriter,
  createMessageConnection,
  type DataCallback,
  type Disposable,
  type Message,
  type MessageConnection,
} from 'vscode-jsonrpc/browser'
import type { TextChannel } from './text-channel.ts'

export function connectOver(channel: TextChannel): MessageConnection {
  return createMessageConnection(new ChannelReader(channel), new ChannelWriter(channel))
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
