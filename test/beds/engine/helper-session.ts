// A session with the helper by hand: raw frames, so that tests see what it really sends and when.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { encodeFrame, FrameDecoder } from '../../../helper/src/serve/frames.ts'

// Longer than any request of the tests takes; shorter than a test's own limit, which tells nothing.
const PATIENCE_MS = 90_000

export interface Answer {
  readonly id?: number | string | null
  readonly method?: string
  readonly params?: unknown
  readonly result?: unknown
  readonly error?: { readonly message: string; readonly data?: { readonly code: string } }
}

export class HelperSession {
  readonly child: ChildProcessWithoutNullStreams
  readonly ended: Promise<number | null>
  readonly answers: Answer[] = []
  preamble = ''
  stderr = ''
  readonly #waiters = new Set<() => void>()
  #lastId = 0

  /** `through`: what the program that is named needs in front to run the helper. */
  constructor(
    helper: string,
    args: readonly string[],
    environment: NodeJS.ProcessEnv,
    through: readonly string[] = [],
  ) {
    this.child = spawn(helper, [...through, 'serve', ...args], { env: environment })
    this.ended = new Promise((resolve) => this.child.once('close', resolve))
    void this.ended.then(() => this.#wake())
    const decoder = new FrameDecoder()
    this.child.stdout.on('data', (chunk: Buffer) => {
      decoder.decode(this.#takePreamble(chunk), (value) => this.answers.push(value as Answer))
      this.#wake()
    })
    this.child.stderr.on('data', (chunk) => {
      this.stderr += chunk
    })
    // Tests break the session on purpose: how it ended is what they look at.
    this.child.stdin.on('error', () => this.#wake())
  }

  send(message: unknown): void {
    this.child.stdin.write(encodeFrame(message))
  }

  /** Sends a request and returns its id at once. */
  request(method: string, params: object = {}): number {
    this.#lastId += 1
    this.send({ jsonrpc: '2.0', id: this.#lastId, method, params })
    return this.#lastId
  }

  async call(method: string, params: object = {}): Promise<Answer> {
    const id = this.request(method, params)
    return this.waitFor((answer) => answer.id === id)
  }

  /** The first message that fits, among those received and those to come. */
  async waitFor(fits: (answer: Answer) => boolean): Promise<Answer> {
    const deadline = performance.now() + PATIENCE_MS
    for (;;) {
      const found = this.answers.find(fits)
      if (found !== undefined) return found
      if (this.child.exitCode !== null) throw new Error(`the helper ended: ${this.stderr}`)
      if (performance.now() > deadline)
        throw new Error(`the helper did not say what was waited for: ${this.#lastWords()}`)
      await Promise.race([new Promise<void>((resolve) => this.#waiters.add(resolve)), sleep(1000)])
    }
  }

  #lastWords(): string {
    return JSON.stringify(this.answers.slice(-3)).slice(0, 500)
  }

  #takePreamble(chunk: Buffer): Buffer {
    if (this.preamble.endsWith('\n')) return chunk
    const end = chunk.indexOf('\n') + 1
    this.preamble += chunk.toString('utf8', 0, end === 0 ? chunk.length : end)
    return end === 0 ? Buffer.alloc(0) : chunk.subarray(end)
  }

  #wake(): void {
    for (const waiter of this.#waiters) waiter()
    this.#waiters.clear()
  }
}
