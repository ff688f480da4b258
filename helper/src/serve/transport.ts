// The stream ends of a session, bounded in memory: a peer that sends without reading is not read any further.
import type { Readable, Writable } from 'node:stream'
import type { DataCallback, Disposable, Message } from 'vscode-jsonrpc'
import { AbstractMessageReader, AbstractMessageWriter } from 'vscode-jsonrpc'
import { asProblem, Problem } from '../../../src/shared/problem.ts'
import { problemErrorCode } from '../../../src/shared/rpc.ts'
import { encodeFrame, FrameDecoder, maxFrameBytes } from './frames.ts'
import { isRequest, type RequestId, refusal, sortMessage } from './messages.ts'

const maxRequestsUnderWay = 256
const maxUnreadBytes = 4 * 2 ** 20
/** Progress and notifications are dropped rather than queued once this much is unread. */
const maxUnreadBeforeProgressBytes = 256 * 2 ** 10

export interface TransportOptions {
  readonly input: Readable
  readonly output: Writable
  readonly log: (line: string) => void
  /** The peer broke the protocol; nothing is read from it any more. */
  readonly onBroken: (problem: Problem) => void
}

/** Reader and writer for one peer. They share the count of requests under way and of bytes that it has not read. */
export function openTransport(options: TransportOptions) {
  const traffic = new Traffic(options.input)
  const writer = new BoundedWriter(options.output, traffic)
  return { reader: new BoundedReader(options, traffic, writer), writer }
}

class Traffic {
  readonly #underWay = new Set<RequestId>()
  readonly #cancelled = new Set<RequestId>()
  readonly #input: Readable
  unreadBytes = 0

  constructor(input: Readable) {
    this.#input = input
  }

  /** False: a request with this id is under way already. */
  begin(id: RequestId): boolean {
    if (this.#underWay.has(id)) return false
    this.#underWay.add(id)
    this.#balance()
    return true
  }

  /** True once for each request under way. */
  cancel(id: RequestId): boolean {
    if (!this.#underWay.has(id) || this.#cancelled.has(id)) return false
    this.#cancelled.add(id)
    return true
  }

  end(id: RequestId): void {
    this.#underWay.delete(id)
    this.#cancelled.delete(id)
    this.#balance()
  }

  addUnread(bytes: number): void {
    this.unreadBytes += bytes
    this.#balance()
  }

  #balance(): void {
    const full = this.#underWay.size >= maxRequestsUnderWay || this.unreadBytes > maxUnreadBytes
    if (full && !this.#input.isPaused()) this.#input.pause()
    if (!full && this.#input.isPaused()) this.#input.resume()
  }
}

class BoundedReader extends AbstractMessageReader {
  readonly #options: TransportOptions
  readonly #traffic: Traffic
  readonly #writer: BoundedWriter
  readonly #decoder = new FrameDecoder()

  constructor(options: TransportOptions, traffic: Traffic, writer: BoundedWriter) {
    super()
    this.#options = options
    this.#traffic = traffic
    this.#writer = writer
  }

  listen(callback: DataCallback): Disposable {
    const { input, log } = this.#options
    const onData = (chunk: Buffer) => {
      try {
        this.#decoder.decode(chunk, (value) => this.#dispatch(value, callback))
      } catch (error) {
        dispose()
        this.#options.onBroken(asProblem(error))
      }
    }
    const onEnd = () => this.fireClose()
    const onError = (error: Error) => {
      log(`cannot read from the peer: ${error.message}`)
      this.fireClose()
    }
    const dispose = () => input.off('data', onData).off('end', onEnd).pause()
    input.on('data', onData).on('end', onEnd).on('error', onError)
    return { dispose }
  }

  #dispatch(value: unknown, callback: DataCallback): void {
    const incoming = sortMessage(value)
    if (incoming.kind === 'refused') this.#refuse(incoming.id, incoming.reason)
    else if (incoming.kind === 'cancel') {
      if (this.#traffic.cancel(incoming.id)) callback(incoming.message)
    } else if (this.#traffic.begin(incoming.id)) callback(incoming.message)
    else this.#refuse(null, 'a request with this id is under way')
  }

  #refuse(id: RequestId | null, reason: string): void {
    this.#options.log(`refused a message: ${reason}`)
    this.#writer.send(refusal(id, reason)).catch((error) => this.#options.log(String(error)))
  }
}

class BoundedWriter extends AbstractMessageWriter {
  readonly #output: Writable
  readonly #traffic: Traffic

  constructor(output: Writable, traffic: Traffic) {
    super()
    this.#output = output
    this.#traffic = traffic
    output.on('error', (error) => this.fireError(error))
    output.on('close', () => this.fireClose())
  }

  /** Resolves when the peer has taken it. Progress and notifications are dropped while the peer does not read. */
  async write(message: Message): Promise<void> {
    if (isOptional(message) && this.#traffic.unreadBytes > maxUnreadBeforeProgressBytes) return
    try {
      await this.send(message)
    } finally {
      if (!isRequest(message) && 'id' in message) this.#traffic.end(message.id as RequestId)
    }
  }

  /** Writes without ending a request: what it answers was none. */
  async send(message: Message): Promise<void> {
    const frame = encodeWithin(message)
    this.#traffic.addUnread(frame.length)
    try {
      await this.#push(frame)
    } finally {
      this.#traffic.addUnread(-frame.length)
    }
  }

  end(): void {
    this.#output.end()
  }

  #push(frame: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#output.write(frame, (error) => (error ? reject(error) : resolve()))
    })
  }
}

/** The workbench ends the connection of a helper that sends more, and with it what runs in the session. */
function encodeWithin(message: Message): Buffer {
  const frame = encodeFrame(message)
  if (frame.length <= maxFrameBytes || !('id' in message)) return frame
  const problem = new Problem(
    'not-supported',
    `cannot answer: the answer has ${frame.length} bytes, and one may have ${maxFrameBytes}`,
  )
  const error = { code: problemErrorCode, message: problem.message, data: problem.toData() }
  return encodeFrame({ jsonrpc: '2.0', id: message.id, error })
}

/** What a peer that does not read can do without. */
function isOptional(message: Message): boolean {
  return 'method' in message && !('id' in message)
}
