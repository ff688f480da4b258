// 64-bit hashes of pages. A collision can lose no data: at worst a clean page is evicted for nothing, or a merge is
// foretold that does not come; among 2^26 different pages (256 GiB) the chance of a single one is 1 in 8,000.
import { PinnedBuffer, pageSize } from '../libc.ts'

/** Pages copied at once: 256 KiB stay in the processor's cache until they are hashed. */
export const CHUNK_PAGES = 64

/** A chunk of copied pages and the hash last measured. */
export class PageChunk {
  readonly buffer = new PinnedBuffer(CHUNK_PAGES * pageSize)
  private readonly pages: readonly Uint8Array[]
  private readonly hash = new BigUint64Array(1)
  private readonly halves = new Uint32Array(this.hash.buffer)

  constructor() {
    const { bytes } = this.buffer
    this.pages = Array.from({ length: CHUNK_PAGES }, (_, i) =>
      bytes.subarray(i * pageSize, (i + 1) * pageSize),
    )
  }

  /** Hashes the page at `index`; the result is in `lower` and `upper`. */
  measure(index: number): void {
    const page = this.pages[index]
    if (page !== undefined) this.hash[0] = Bun.hash.rapidhash(page)
  }

  get lower(): number {
    return this.halves[0] ?? 0
  }

  get upper(): number {
    return this.halves[1] ?? 0
  }

  release(): void {
    this.buffer.release()
  }
}
