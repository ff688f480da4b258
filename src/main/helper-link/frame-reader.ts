// Frames of a helper as JSON-RPC messages: small ones are parsed here, large ones by a thread.
import type { Readable } from 'node:stream'
import { AbstractMessageReader, type DataCallback, type Disposable, Message } from 'vscode-jsonrpc/node'
import type { AnswerParser } from './answer-parser.ts'

/** Parsing this much, however nasty, takes a few milliseconds; samples of a hundred guests are smaller. */
export const maxParsedHereBytes = 64 * 1024

export interface ReaderParts {
  readonly frames: Readable
  readonly parser: AnswerParser
  /** What the requests that wait for an answer are about, by their ids. */
  readonly methods: Map<number | string, string>
  readonly onParsed: (result: object) => void
  readonly onBroken: (reason: string) => void
}

export class FrameReader extends AbstractMessageReader {
  readonly #parts: ReaderParts

  constructor(parts: ReaderParts) {
    super()
    this.#parts = parts
  }

  listen(callback: DataCallback): Disposable {
    void this.#read(callback)
    return { dispose: () => this.#parts.frames.destroy() }
  }

  /** One after the other: while a large one is parsed, the peer's later frames wait on its side. */
  async #read(callback: DataCallback): Promise<void> {
    const { frames, methods, onBroken } = this.#parts
    try {
      for await (const body of frames) {
        const message = await this.#parse(body as Buffer<ArrayBuffer>).catch((error: Error) => {
          onBroken(error.message)
        })
        if (!message) return
        if (Message.isResponse(message) && message.id !== null) methods.delete(message.id)
        callback(message)
      }
    } catch (error) {
      // Whoever ended the stream says why; here it only ends.
      if (!frames.destroyed) onBroken((error as Error).message)
    }
  }

  async #parse(body: Buffer<ArrayBuffer>): Promise<Message> {
    if (body.length <= maxParsedHereBytes) return parseSmall(body)
    const { parser, methods, onParsed } = this.#parts
    // Of its own memory, since it is handed over.
    const bytes = new Uint8Array(body)
    const { message, isParsed } = await parser.parse(bytes, new Map(methods))
    if (
      isParsed &&
      Message.isResponse(message) &&
      typeof message.result === 'object' &&
      message.result !== null
    ) {
      onParsed(message.result)
    }
    return message
  }
}

function parseSmall(body: Buffer): Message {
  const json: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  const isMessage = typeof json === 'object' && json !== null && 'jsonrpc' in json && json.jsonrpc === '2.0'
  if (!isMessage) throw new Error('it sends a message that is neither a request nor an answer')
  return json as Message
}
