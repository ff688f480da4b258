// Memory for 32-bit words that is given back by hand: a garbage collection comes too late for the helper's bound.

export interface WordMemory {
  /** Zero at first. Memory that is never touched costs nothing. Not to be looked at once released. */
  readonly words: Uint32Array
  release(): void
}

export type AllocateWords = (count: number) => WordMemory

export const onHeap: AllocateWords = (count) => ({ words: new Uint32Array(count), release: () => undefined })
