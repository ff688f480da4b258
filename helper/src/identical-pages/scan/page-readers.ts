// Reads pages of a guest: collects them until a chunk is full, then copies and hashes them together.
import type { KernelRoot } from '../../kernel/kernel-root.ts'
import { pageSize } from '../../kernel/page-size.ts'
import { ProcessMemoryFile } from '../../kernel/process-mem.ts'
import { IoVector, readProcessMemory } from '../../kernel/process-memory.ts'
import { errnoOf, processProblem } from '../../kernel/system-error.ts'
import { type SiteKind, siteKind } from '../records/record-layout.ts'
import { chunkPages, type PageChunk } from './page-hash.ts'
import type { FrameSink, HashSink } from './scan.ts'

/**
 * For pages in frames of their own only: process_vm_readv(2) pins what it reads, and the kernel unshares a merged page
 * before it pins it, so that each scan would undo merges (tried, Linux 6.18). Needs the right to trace the process
 * (CAP_SYS_PTRACE).
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

  /** Pages that adjoin, by the address of the first. May read and hash what is collected. */
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

  /** Reads and hashes what is collected. Throws `gone` or `not-permitted`. */
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

/**
 * For pages in frames that others share: reads without pinning them, which leaves merges alone. Source: /proc/<pid>/mem. Needs
 * the right to trace the process (CAP_SYS_PTRACE).
 */
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

  /** Closes /proc/<pid>/mem. */
  close(): void {
    this.#memory.close()
  }

  /** `frame` is 0 where the page is shared, and not by KSM. */
  addPage(address: number, frame: number): void {
    if (this.#count === chunkPages) this.flush()
    this.#addresses[this.#count] = address
    this.#frames[this.#count] = frame
    this.#count += 1
  }

  /** Reads and hashes what is collected. Pages that went away are left out. Throws `gone` or `not-permitted`. */
  flush(): void {
    const count = this.#count
    this.#count = 0
    for (let from = 0; from < count; ) {
      const pages = this.#adjoining(from, count)
      const read = this.#read(this.#addresses[from] as number, pages)
      this.#chunk.measure(read)
      for (let i = 0; i < read; i += 1) this.#hand(i, this.#frames[from + i] as number)
      this.hashedPages += read
      // A page that went away in the meantime (balloon) ends the reading: go on behind it.
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
