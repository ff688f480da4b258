// Reads private pages of a guest: collects them until a chunk is full, then copies and hashes them together. The twin of
// SharedFrameReader.
import { pageSize } from '../../kernel/page-size.ts'
import { IoVector, readProcessMemory } from '../../kernel/process-memory.ts'
import { errnoOf, processProblem } from '../../kernel/system-error.ts'
import { type SiteKind, siteKind } from '../records/record-layout.ts'
import { chunkPages, type PageChunk } from './page-hash.ts'
import type { HashSink } from './page-sink.ts'

/**
 * For pages in frames of their own only: process_vm_readv(2) pins what it reads, and the kernel unshares a merged page
 * before it pins it, so that each scan would undo merges (tried, Linux 6.18).
 */
export class OwnPageReader {
  hashedPages = 0
  readonly #pid: number
  readonly #chunk: PageChunk
  readonly #sink: HashSink
  readonly #addresses = new Float64Array(chunkPages)
  readonly #remote = new IoVector(chunkPages)
  #kind: SiteKind = siteKind.private
  #count = 0

  constructor(pid: number, chunk: PageChunk, sink: HashSink) {
    this.#pid = pid
    this.#chunk = chunk
    this.#sink = sink
  }

  addRun(start: number, pages: number, kind: SiteKind): void {
    if (kind !== this.#kind) this.flush()
    this.#kind = kind
    let address = start
    for (let left = pages; left > 0; ) {
      const taken = Math.min(left, chunkPages - this.#count)
      this.#remote.addAdjoining(address, taken * pageSize)
      for (let i = 0; i < taken; i += 1) {
        this.#addresses[this.#count] = address
        this.#count += 1
        address += pageSize
      }
      left -= taken
      if (this.#count === chunkPages) this.flush()
    }
  }

  flush(): void {
    let from = 0
    while (from < this.#count) {
      if (from > 0) this.#collectFrom(from)
      const copied = this.#copy()
      this.#chunk.measure(copied)
      this.#sink.addPages(this.#chunk.hashes, copied, this.#kind)
      this.hashedPages += copied
      // A page that has gone since (balloon) ends the copy: continue behind it.
      from += copied === this.#count - from ? copied : copied + 1
    }
    this.#count = 0
    this.#remote.clear()
  }

  #collectFrom(from: number): void {
    this.#remote.clear()
    for (let i = from; i < this.#count; i += 1)
      this.#remote.addAdjoining(this.#addresses[i] as number, pageSize)
  }

  #copy(): number {
    try {
      return Math.floor(readProcessMemory(this.#pid, this.#remote, this.#chunk.buffer) / pageSize)
    } catch (error) {
      if (errnoOf(error) === 'EFAULT') return 0
      throw processProblem(error, `read the memory of guest ${this.#pid}`)
    }
  }
}
