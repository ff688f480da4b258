// 64-bit hashes of pages, keyed anew in each process: nobody outside knows which pages collide. A collision loses no data:
// at worst a clean page is evicted for nothing, or a merge is predicted that does not come. Among 2^26 different pages
// (256 GiB) the chance of a single one is 1 in 8,000.
import { addressOf } from '../../kernel/libc.ts'
import type { Buffered } from '../../kernel/mappings.ts'
import {
  drawKeys,
  hashesAt,
  memoryPagesFor,
  type PageKeys,
  pageBytes,
  pageHashModule,
  pagesAt,
  writeKeys,
} from './page-hash-module.ts'

/** Pages copied at once: 256 KiB stay in the processor's cache until they are hashed. */
export const chunkPages = 64

/** A chunk of copied pages, and their hashes once measured: pairs of words, the lower half first. */
export class PageChunk {
  readonly buffer: Buffered & { readonly bytes: Uint8Array }
  readonly hashes: Uint32Array
  /** What a page of zeros has. */
  readonly zero: { readonly lower: number; readonly upper: number }
  readonly #hash: (count: number) => void

  /** Hashes compare only where the keys are the same. */
  constructor(keys: PageKeys) {
    const { memory, hash } = startHash(keys)
    const bytes = new Uint8Array(memory, pagesAt, chunkPages * pageBytes)
    // The memory neither grows nor moves: copies may go right into it.
    this.buffer = { address: addressOf(bytes), length: bytes.length, bytes }
    this.hashes = new Uint32Array(memory, hashesAt, chunkPages * 2)
    this.#hash = hash
    this.measure(1)
    this.zero = { lower: this.hashes[0] ?? 0, upper: this.hashes[1] ?? 0 }
  }

  /** Hashes the first `count` pages of the buffer. */
  measure(count: number): void {
    if (count > 0) this.#hash(Math.min(count, chunkPages))
  }
}

let chunkOfProcess: PageChunk | undefined
let keysOfProcess: PageKeys | undefined

/** Drawn once: what one scan has found is compared with what the next one finds, and with what a second thread does. */
export function processKeys(): PageKeys {
  keysOfProcess ??= drawKeys()
  return keysOfProcess
}

/**
 * One for all scans of this process, as nothing is awaited between a copy and the reading of its hashes: each would
 * have the module compiled anew, which takes milliseconds and memory.
 */
export function sharedPageChunk(): PageChunk {
  chunkOfProcess ??= new PageChunk(processKeys())
  return chunkOfProcess
}

function startHash(keys: PageKeys): {
  readonly memory: ArrayBufferLike
  readonly hash: (count: number) => void
} {
  const module = pageHashModule(chunkPages)
  // Without 128-bit instructions (no AVX) WebAssembly refuses the module.
  if (!WebAssembly.validate(module)) return startBuiltinHash(keys)
  const size = memoryPagesFor(chunkPages)
  const memory = new WebAssembly.Memory({ initial: size, maximum: size })
  writeKeys(memory.buffer, keys)
  const instance = new WebAssembly.Instance(new WebAssembly.Module(module), { page: { memory } })
  return { memory: memory.buffer, hash: instance.exports.hash as (count: number) => void }
}

function startBuiltinHash(keys: PageKeys): ReturnType<typeof startHash> {
  const memory = new ArrayBuffer(pagesAt + chunkPages * pageBytes)
  const hashes = new BigUint64Array(memory, hashesAt, chunkPages)
  const pages = Array.from(
    { length: chunkPages },
    (_, i) => new Uint8Array(memory, pagesAt + i * pageBytes, pageBytes),
  )
  const seed = new BigUint64Array(keys.slice(0, 8).buffer)[0] as bigint
  const hash = (count: number) => {
    for (let i = 0; i < count; i += 1) hashes[i] = Bun.hash.rapidhash(pages[i] as Uint8Array, seed)
  }
  return { memory, hash }
}
