import { HugeBuffer } from '../kernel/mappings.ts'
import { type AllocateWords, onHeap } from './word-memory.ts'

/** Where less is asked for, most of a huge page would be wasted. */
const SMALLEST_BYTES = 2 ** 20

/** In huge pages, but small amounts on the heap. */
export const inHugePages: AllocateWords = (count) => {
  if (count * 4 < SMALLEST_BYTES) return onHeap(count)
  const buffer = new HugeBuffer(count * 4)
  return {
    words: new Uint32Array(buffer.bytes.buffer, 0, count),
    release: () => buffer.release(),
  }
}
