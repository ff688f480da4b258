// Reads pages in frames that others share, without pinning them, which leaves merges alone. The twin of OwnPageReader.
import type { KernelRoot } from '../../kernel/kernel-root.ts'
import { pageSize } from '../../kernel/page-size.ts'
import { ProcessMemoryFile } from '../../kernel/process-mem.ts'
import { siteKind } from '../records/record-layout.ts'
import { chunkPages, type PageChunk } from './page-hash.ts'
import type { FrameSink } from './page-sink.ts'

export class SharedFrameReader {
  hashedPages = 0
  readonly #memory: ProcessMemoryFile
  readonly #chunk: PageChunk
  readonly #sink: FrameSink
  readonly #addresses = new Float64Array(chunkPages)
  readonly #frames = new Float64Array(chunkPages)
  #count = 0

  constructor(root: KernelRoot, pid: number, chunk: PageChunk, sink: FrameSink) {
    this.#memory = new ProcessMemoryFile(root, pid)
    this.#chunk = chunk
    this.#sink = sink
  }

  close(): void {
    this.#memory.close()
  }

  /** `frame` is 0 where the page is shared, and not by KSM. */
  add(address: number, frame: number): void {
    if (this.#count === chunkPages) this.flush()
    this.#addresses[this.#count] = address
    this.#frames[this.#count] = frame
    this.#count += 1
  }

  flush(): void {
    const count = this.#count
    this.#count = 0
    for (let from = 0; from < count; ) {
      const pages = this.#adjoining(from, count)
      const read = this.#read(this.#addresses[from] as number, pages)
      this.#chunk.measure(read)
      for (let i = 0; i < read; i += 1) this.#hand(i, this.#frames[from + i] as number)
      this.hashedPages += read
      // A page that went away meanwhile (balloon) ends the reading: go on behind it.
      from += read === pages ? read : read + 1
    }
  }

  #adjoining(from: number, count: number): number {
    let pages = 1
    const start = this.#addresses[from] as number
    while (from + pages < count && this.#addresses[from + pages] === start + pages * pageSize) pages += 1
    return pages
  }

  #hand(index: number, frame: number): void {
    const { hashes } = this.#chunk
    if (frame === 0) this.#sink.addPages(hashes.subarray(index * 2, index * 2 + 2), 1, siteKind.private)
    else this.#sink.addFrame(frame, hashes[index * 2] as number, hashes[index * 2 + 1] as number)
  }

  #read(address: number, pages: number): number {
    return Math.floor(this.#memory.read(address, this.#chunk.buffer.bytes, pages * pageSize) / pageSize)
  }
}
