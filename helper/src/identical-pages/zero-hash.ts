// The hash that a page of zeros has.
import type { PageChunk } from './page-hash.ts'

export function measureZeroHash(chunk: PageChunk): { readonly lower: number; readonly upper: number } {
  chunk.buffer.bytes.fill(0)
  chunk.measure(0)
  return { lower: chunk.lower, upper: chunk.upper }
}
