// Collects pages of a guest until a chunk is full, then copies and hashes them together.
import { closeSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import type { KernelRoot } from '../kernel-root.ts'
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
  private readonly memory: number

  constructor(root: KernelRoot, pid: number, chunk: PageChunk, sink: PageSink) {
    this.pid = pid
    try {
      this.memory = openSync(join(root.proc, String(pid), 'mem'), 'r')
    } catch (error) {
      throw processProblem(error, `open the memory of guest ${pid}`)
    }
    this.chunk = chunk
    this.sink = sink
  }

  close(): void {
    closeSync(this.memory)
  }

  /**
   * Reads a page in a frame that others share, at once. process_vm_readv(2) would pin it, and the kernel unshares
   * such a page before it pins it: each scan would undo merges (tried, Linux 6.18). /proc/<pid>/mem does not pin.
   */
  addShared(address: number, kind: SiteKind, frame: number): void {
    this.flush()
    if (!this.readPage(address)) return
    this.kinds[0] = kind
    this.frames[0] = frame
    this.hash(0, 0)
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

  /** False: the page went away meanwhile (balloon). */
  private readPage(address: number): boolean {
    try {
      return readSync(this.memory, this.chunk.buffer.bytes, 0, pageSize, address) === pageSize
    } catch (error) {
      if (errnoOf(error) === 'EIO') return false
      throw processProblem(error, `read the memory of guest ${this.pid}`)
    }
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
