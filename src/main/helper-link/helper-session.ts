// A running helper as a typed peer: requests, their limits in time, and the one reason why it all ends.
import type { Writable } from 'node:stream'
import {
  createMessageConnection,
  Message,
  type MessageConnection,
  StreamMessageWriter,
} from 'vscode-jsonrpc/node'
import { type HostContract, hostContract, hostNotifications } from '../../shared/contract/host-contract.ts'
import type { PolicyRound } from '../../shared/contract/policy-runs.ts'
import { Problem } from '../../shared/problem.ts'
import { type Call, callContract, listenTo } from '../../shared/rpc.ts'
import type { OnLog } from '../ssh/ask.ts'
import { describeExit, type HostShell } from '../ssh/host-process.ts'
import type { AnswerParser } from './answer-parser.ts'
import { FrameReader } from './frame-reader.ts'
import type { RunningHelper } from './helper-process.ts'

/** Without progress for this long a request fails, so that none hangs; callers may set less. */
const requestTimeoutMs = 120_000
/** How many messages may wait to be written to a helper that does not read. */
const maxUnsentMessages = 100
/** A lost connection also ends the program; its own reason may come a little later. */
const reasonGraceMs = 500
const closeTimeoutMs = 2000

export interface SessionParts {
  readonly parser: AnswerParser
  readonly onRound?: (round: PolicyRound) => void
  readonly onLog: OnLog
}

export class HelperSession {
  readonly call: Call<HostContract>
  readonly closed: Promise<Problem>
  readonly #running: RunningHelper
  readonly #shell: HostShell
  readonly #connection: MessageConnection
  readonly #lifetime = new AbortController()
  readonly #ending = Promise.withResolvers<Problem>()

  constructor(running: RunningHelper, shell: HostShell, { onRound, onLog, parser }: SessionParts) {
    this.#running = running
    this.#shell = shell
    this.closed = this.#ending.promise
    const { stdin } = running.process
    const methods = new Map<number | string, string>()
    const parsed = new WeakSet<object>()
    this.#connection = createMessageConnection(
      new FrameReader({
        frames: running.frames,
        parser,
        methods,
        onParsed: (result) => parsed.add(result),
        onBroken: (reason) => this.#fail(reason),
      }),
      new BoundedWriter(stdin, methods, () => this.#fail('it does not read what is sent to it')),
      // vscode-jsonrpc reports here what it can make no sense of, and what it could not send any more.
      {
        error: (text) => text.startsWith('Sending') || this.#fail(text),
        warn: ignore,
        info: ignore,
        log: ignore,
      },
    )
    this.#connection.onError(([error]) => this.#end(protocolProblem(shell.label, error)))
    running.frames.on('error', (error) => this.#end(protocolProblem(shell.label, error)))
    stdin.on('error', (error) => void this.#endWithReason(`cannot write to it: ${error.message}`))
    void running.process.exited.then((status) => this.#endWithReason(describeExit(status)))
    void shell.closed.then((problem) => this.#end(problem))
    listenTo(
      this.#connection,
      hostNotifications,
      (_name, round) => onRound?.(round),
      (name, reason) =>
        onLog('warning', `left out a ${name} notification of the helper: ${reason.slice(0, 500)}`),
    )
    this.#connection.listen()
    const call = callContract(this.#connection, hostContract, (result) => parsed.has(result))
    this.call = (method, params, options = {}) => {
      const signals = [this.#lifetime.signal, ...(options.signal === undefined ? [] : [options.signal])]
      return call(method, params, {
        timeoutMs: requestTimeoutMs,
        ...options,
        signal: AbortSignal.any(signals),
      })
    }
  }

  /** Ends the helper by closing its stdin, then by force. Resolves when it is gone. */
  async close(): Promise<void> {
    this.#end(new Problem('cancelled', `closed the connection to ${this.#shell.label}`))
    const { process } = this.#running
    process.stdin.end()
    const timer = setTimeout(() => process.kill(), closeTimeoutMs)
    await Promise.race([process.exited, this.#shell.closed])
    clearTimeout(timer)
  }

  #fail(reason: string): void {
    this.#end(
      new Problem('protocol', `cannot talk to the helper on ${this.#shell.label}: ${reason.slice(0, 1000)}`),
    )
  }

  async #endWithReason(reason: string): Promise<void> {
    const said = this.#running.log.tail()
    const text = said === '' ? reason : `${reason}: ${said}`
    const own = new Problem('disconnected', `lost the helper on ${this.#shell.label}: it ended with ${text}`)
    const grace = new Promise<Problem>((resolve) => setTimeout(() => resolve(own), reasonGraceMs))
    this.#end(await Promise.race([this.#shell.closed, grace]))
  }

  /** The first reason counts; all requests that wait fail with it. */
  #end(problem: Problem): void {
    if (this.#lifetime.signal.aborted) return
    this.#lifetime.abort(problem)
    this.#ending.resolve(problem)
    this.#connection.dispose()
    this.#running.frames.destroy()
    if (problem.code !== 'cancelled') this.#running.process.kill()
  }
}

class BoundedWriter extends StreamMessageWriter {
  #waiting = 0
  /** Filled with what each request is about. */
  readonly #methods: Map<number | string, string>
  readonly #stream: Writable
  readonly #onOverflow: () => void

  constructor(stream: Writable, methods: Map<number | string, string>, onOverflow: () => void) {
    super(stream)
    this.#stream = stream
    this.#methods = methods
    this.#onOverflow = onOverflow
  }

  override async write(message: Message): Promise<void> {
    // Cancellations of what waited; those who asked have been told that the session ended.
    if (this.#stream.writableEnded || this.#stream.destroyed) return
    if (this.#waiting >= maxUnsentMessages) {
      this.#onOverflow()
      throw new Error('too many messages wait to be sent')
    }
    this.#waiting += 1
    if (Message.isRequest(message) && message.id !== null) this.#methods.set(message.id, message.method)
    try {
      await super.write(message)
    } finally {
      this.#waiting -= 1
    }
  }

  protected override fireClose(): void {
    ignore()
  }
}

function ignore(): void {
  // Chatter of vscode-jsonrpc about itself.
}

function protocolProblem(label: string, error: Error): Problem {
  if (error instanceof Problem) return error
  return new Problem('protocol', `cannot talk to the helper on ${label}: ${error.message.slice(0, 1000)}`, {
    cause: error,
  })
}
