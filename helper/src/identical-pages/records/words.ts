// Growable arrays of 32-bit words, four bytes each, whose memory is released by hand: a garbage collection comes too late
// for the bound on the helper's memory.
import { HugeBuffer } from '../../kernel/mappings.ts'

export class WordList {
  length = 0
  #memory: WordMemory
  readonly #allocate: AllocateWords

  constructor(expected: number, allocate: AllocateWords = onHeap) {
    this.#allocate = allocate
    this.#memory = allocate(Math.max(16, expected))
  }

  /** The words themselves, with room for `count` more behind `length`; until the next call. */
  reserve(count: number): Uint32Array {
    if (this.length + count > this.#memory.words.length) {
      const larger = this.#allocate(Math.ceil((this.length + count) * 1.5))
      larger.words.set(this.#memory.words)
      this.#memory.release()
      this.#memory = larger
    }
    return this.#memory.words
  }

  /** Those from `from` to before `to`, as long as the list neither grows nor is released. */
  subarray(from: number, to: number): Uint32Array {
    return this.#memory.words.subarray(from, to)
  }

  /** Leaves an empty list. */
  release(): void {
    this.#memory.release()
    this.#memory = onHeap(0)
    this.length = 0
  }
}

export interface WordMemory {
  /** Zero at first. Memory that is never touched costs nothing. Not to be looked at once released. */
  readonly words: Uint32Array
  release(): void
}

export type AllocateWords = (count: number) => WordMemory

/** `count` words on the heap: releasing them is left to the garbage collector. */
export const onHeap: AllocateWords = (count) => ({ words: new Uint32Array(count), release: () => undefined })

/** Where less is asked for, most of a huge page would be wasted. */
const minBytes = 2 ** 20

/** In huge pages, but small amounts on the heap. Throws where mmap(2) finds no memory. */
export const inHugePages: AllocateWords = (count) => {
  if (count * 4 < minBytes) return onHeap(count)
  const buffer = new HugeBuffer(count * 4)
  return {
    words: new Uint32Array(buffer.bytes.buffer, 0, count),
    release: () => buffer.release(),
  }
}
