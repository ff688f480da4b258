// Collects pages of a guest until a chunk is full, then copies and hashes them together.
import { IoVector, pageSize, readProcessMemory } from '../libc.ts'
import { errnoOf, processProblem } from '../system-error.ts'
import type { SiteKind } from './content-groups.ts'
import { CHUNK_PAGES, type PageChunk } from './page-hash.ts'
import type { PageSink } from './scan-ram.ts'

export class ReadBatch {
  hashedPages = 0
  private readonly pid: number
  private readonly chunk: PageChunk
  private readonly sink: PageSink
  private readonly addresses = new Float64Array(CHUNK_PAGES)
  private readonly kinds = new Uint8Array(CHUNK_PAGES)
  private readonly frames = new Float64Array(CHUNK_PAGES)
  private readonly remote = new IoVector(CHUNK_PAGES)
  private count = 0

  constructor(pid: number, chunk: PageChunk, sink: PageSink) {
    this.pid = pid
    this.chunk = chunk
    this.sink = sink
  }

  add(address: number, kind: SiteKind, frame: number): void {
    const { count } = this
    this.addresses[count] = address
    this.kinds[count] = kind
    this.frames[count] = frame
    this.count = count + 1
    if (this.count === CHUNK_PAGES) this.flush()
  }

  flush(): void {
    let from = 0
    while (from < this.count) {
      const copied = this.copy(from)
      for (let i = 0; i < copied; i += 1) this.hash(from + i, i)
      // A page that went away meanwhile (balloon) ends the copy: go on behind it.
      from += copied === this.count - from ? copied : copied + 1
    }
    this.count = 0
  }

  private hash(page: number, index: number): void {
    this.chunk.measure(index)
    const kind = (this.kinds[page] ?? 0) as SiteKind
    this.sink.addPage(this.chunk.lower, this.chunk.upper, kind, this.frames[page] ?? 0)
    this.hashedPages += 1
  }

  private copy(from: number): number {
    this.remote.clear()
    for (let i = from; i < this.count; i += 1) this.remote.addAdjoining(this.addresses[i] ?? 0, pageSize)
    try {
      return Math.floor(readProcessMemory(this.pid, this.remote, this.chunk.buffer) / pageSize)
    } catch (error) {
      if (errnoOf(error) === 'EFAULT') return 0
      throw processProblem(error, `read the memory of guest ${this.pid}`)
    }
  }
}
