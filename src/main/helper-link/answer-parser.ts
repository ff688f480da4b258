// Has large answers parsed by a thread, one after the other, and takes them over in pieces.
import { setImmediate } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import type { Message } from 'vscode-jsonrpc/node'
import { InTurn } from '../../shared/time/in-turn.ts'
import { workerFile } from '../worker-file.ts'
import type { AnswerReply, AnswerRequest } from './answer-messages.ts'
import { arrayAt } from './answer-pieces.ts'

/** An answer within the limits of frames takes a second at most. */
const patienceMs = 15_000
const memoryMiB = 512

export interface ParsedAnswer {
  readonly message: Message
  /** The result keeps to the contract. */
  readonly isParsed: boolean
}

/** One for all hosts: each has one answer in it at most, so that none is kept waiting for long by another. */
export class AnswerParser {
  #worker: Worker | undefined
  readonly #turns = new InTurn()

  /** Takes the bytes away from the caller. Rejects with an Error that says what is wrong with them. */
  parse(
    bytes: Uint8Array<ArrayBuffer>,
    methods: ReadonlyMap<number | string, string>,
  ): Promise<ParsedAnswer> {
    return this.#turns.run(() => this.#parse(bytes, methods))
  }

  async #parse(
    bytes: Uint8Array<ArrayBuffer>,
    methods: ReadonlyMap<number | string, string>,
  ): Promise<ParsedAnswer> {
    const worker = this.#start()
    worker.ref()
    try {
      const first = await ask(worker, { kind: 'parse', bytes, methods }, [bytes.buffer])
      if (first.kind === 'failed') throw new Error(first.reason)
      if (first.kind !== 'message') throw new Error(`the parser answers with ${first.kind}`)
      const { message, isParsed } = first
      for (;;) {
        // Messages that arrived earlier come first.
        await setImmediate()
        const next = await ask(worker, { kind: 'next' })
        if (next.kind !== 'piece') return { message: message as Message, isParsed }
        const items = arrayAt((message as { result: unknown }).result, next.path)
        for (const item of next.items) items.push(item)
      }
    } finally {
      worker.unref()
    }
  }

  #start(): Worker {
    if (this.#worker) return this.#worker
    const worker = new Worker(workerFile('answer-worker', import.meta.url), {
      name: 'answers',
      resourceLimits: { maxOldGenerationSizeMb: memoryMiB },
    })
    worker.once('exit', () => {
      this.#worker = undefined
    })
    this.#worker = worker
    return worker
  }
}

/** Ends the thread when it does not answer: what it works on then is to blame. */
function ask(
  worker: Worker,
  request: AnswerRequest,
  handed: readonly ArrayBuffer[] = [],
): Promise<AnswerReply> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      fail(new Error(`its answer takes more than ${patienceMs / 1000} s to parse`))
      void worker.terminate()
    }, patienceMs)
    const end = () => {
      clearTimeout(timer)
      worker.off('message', succeed).off('error', fail).off('exit', exited)
    }
    const succeed = (reply: AnswerReply) => {
      end()
      resolve(reply)
    }
    const fail = (error: Error) => {
      end()
      reject(error)
    }
    const exited = () => fail(new Error('its answer ended the thread that parses'))
    worker.on('message', succeed).on('error', fail).on('exit', exited)
    worker.postMessage(request, [...handed])
  })
}
