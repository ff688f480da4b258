// The main thread's end of a thread that reads guests' memory, and sorts part of what was found.
import { Worker } from 'node:worker_threads'
import { Problem, type ProblemData } from '../../../../src/shared/problem.ts'
import { addressOf } from '../../kernel/libc.ts'
import { sharedReadingState } from '../../kernel/watched-read.ts'
import { workerPath } from '../../kernel/worker-path.ts'
import type { SortingThread } from '../records/hash-records.ts'
import { processKeys } from './page-hash.ts'
import type { PageKeys } from './page-hash-module.ts'
import { allocateSlots, ReadSlot, slotCount } from './read-slots.ts'

/** Asks to read the first `runs` runs of a slot. */
export interface ReadRequest {
  readonly slot: number
  readonly pid: number
  readonly runs: number
}

/** Asks to sort records at an address of this process. */
export interface SortRequest {
  readonly address: number
  readonly words: number
}

/** How many hashes lie in the slot. Pages that have gone have none. */
export type ReadAnswer =
  | { readonly privatePages: number; readonly unmergeablePages: number }
  | { readonly problem: ProblemData }

export interface ThreadMemory {
  readonly slots: SharedArrayBuffer
  /** Set to 1 to end sorting. */
  readonly stop: Int32Array<SharedArrayBuffer>
  /** Where its reads are told to the thread that watches. */
  readonly reading: SharedArrayBuffer | undefined
  /** Keys of this process's page hashes. */
  readonly keys: PageKeys
}

interface Waiting {
  readonly resolve: (answer: ReadAnswer) => void
  readonly reject: (error: unknown) => void
}

export class ReadingThread implements SortingThread {
  readonly #worker: Worker
  readonly #stopWord = new Int32Array(new SharedArrayBuffer(4))
  readonly #slots: readonly ReadSlot[]
  readonly #free: ReadSlot[]
  readonly #waiting: Waiting[] = []
  #failure: unknown

  constructor() {
    const memory: ThreadMemory = {
      slots: allocateSlots(),
      stop: this.#stopWord,
      reading: sharedReadingState(),
      keys: processKeys(),
    }
    this.#slots = Array.from({ length: slotCount }, (_, slot) => new ReadSlot(memory.slots, slot))
    this.#free = [...this.#slots]
    this.#worker = new Worker(workerPath('identical-pages/scan/read-worker'), { workerData: memory })
    this.#worker.on('message', (answer: ReadAnswer) => this.#waiting.shift()?.resolve(answer))
    this.#worker.on('error', (error) => this.#fail(error))
    this.#worker.on('exit', () =>
      this.#fail(new Problem('internal', 'cannot read guests: the reading thread ended')),
    )
  }

  /** undefined: all slots are in use. */
  takeSlot(): ReadSlot | undefined {
    return this.#free.pop()
  }

  /** Returns a slot once its hashes have been read. */
  giveBack(slot: ReadSlot): void {
    this.#free.push(slot)
  }

  /** Reads the first `runs` runs of a slot. Answers come in the order of the requests. */
  readSlot(slot: ReadSlot, pid: number, runs: number): Promise<ReadAnswer> {
    return this.#ask({ slot: this.#slots.indexOf(slot), pid, runs })
  }

  /** Sorts whole records in place. The memory must stay, and nobody may touch it until `done`. */
  sort(words: Uint32Array): { readonly done: Promise<void>; stop(): void } {
    Atomics.store(this.#stopWord, 0, 0)
    const done = this.#ask({ address: addressOf(words), words: words.length })
    return { done: done.then(() => undefined), stop: () => Atomics.store(this.#stopWord, 0, 1) }
  }

  #ask(request: ReadRequest | SortRequest): Promise<ReadAnswer> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure)
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject })
      this.#worker.postMessage(request)
    })
  }

  /** Ends the thread; what was asked of it rejects. */
  async end(): Promise<void> {
    await this.#worker.terminate()
  }

  #fail(error: unknown): void {
    this.#failure ??= error
    for (const { reject } of this.#waiting.splice(0)) reject(error)
  }
}
