// A list of 32-bit words that grows, four bytes each.
import { type AllocateWords, onHeap, type WordMemory } from './word-memory.ts'

export class WordList {
  length = 0
  private memory: WordMemory
  private readonly allocate: AllocateWords

  constructor(expected: number, allocate: AllocateWords = onHeap) {
    this.allocate = allocate
    this.memory = allocate(Math.max(16, expected))
  }

  /** The words themselves, with room for `count` more behind `length`; until the next call. */
  reserve(count: number): Uint32Array {
    if (this.length + count > this.memory.words.length) {
      const larger = this.allocate(Math.ceil((this.length + count) * 1.5))
      larger.words.set(this.memory.words)
      this.memory.release()
      this.memory = larger
    }
    return this.memory.words
  }

  /** Those from `from` to before `to`, as long as the list neither grows nor is released. */
  subarray(from: number, to: number): Uint32Array {
    return this.memory.words.subarray(from, to)
  }

  /** Leaves an empty list. */
  release(): void {
    this.memory.release()
    this.memory = onHeap(0)
    this.length = 0
  }
}
