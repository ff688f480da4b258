// The k smallest different hashes of a stream: a sample of contents that can be compared across hosts. Pure.

/** 64-bit hashes. Most of a stream is refused by one comparison. */
export class BottomHashes {
  readonly #most: number
  /** Unsorted beyond the first `#sorted`; twice as many as are kept. */
  readonly #hashes: BigUint64Array
  #length = 0
  /** No hash above it is among the smallest any more. */
  #limit = 2n ** 64n - 1n
  #dropped = false

  constructor(most: number) {
    this.#most = most
    this.#hashes = new BigUint64Array(most * 2)
  }

  addHash(hash: bigint): void {
    if (hash > this.#limit) {
      this.#dropped = true
      return
    }
    this.#hashes[this.#length] = hash
    this.#length += 1
    if (this.#length === this.#hashes.length) this.#settle()
  }

  /** Ascending, each once; `isComplete`: no other was in the stream. */
  finish(): { readonly hashes: BigUint64Array; readonly isComplete: boolean } {
    this.#settle()
    return { hashes: this.#hashes.slice(0, this.#length), isComplete: !this.#dropped }
  }

  #settle(): void {
    const hashes = this.#hashes
    hashes.subarray(0, this.#length).sort()
    let kept = 0
    for (let i = 0; i < this.#length; i += 1) {
      const hash = hashes[i] as bigint
      if (kept > 0 && hash === hashes[kept - 1]) continue
      if (kept === this.#most) {
        this.#dropped = true
        break
      }
      hashes[kept] = hash
      kept += 1
    }
    this.#length = kept
    if (kept === this.#most) this.#limit = hashes[kept - 1] as bigint
  }
}
