// Reads a guest's RAM into its strip: which pages are there, merged, or zero, and the hash of each.
import { FrameKinds, frameKind } from '../identical-pages/scan/frame-kinds.ts'
import { chunkPages, type PageChunk } from '../identical-pages/scan/page-hash.ts'
import type { RamScan } from '../identical-pages/scan/scan-ram.ts'
import type { KernelRoot } from '../kernel/kernel-root.ts'
import { pageSize } from '../kernel/page-size.ts'
import { isPresent } from '../kernel/pagemap.ts'
import { PresentPages, type PresentRun } from '../kernel/present-pages.ts'
import { ProcessMemoryFile } from '../kernel/process-mem.ts'
import type { Pace } from '../pacing/pace.ts'
import { pageBits } from './page-bits.ts'
import type { Strip } from './strip.ts'

const windowPages = 4096

export interface GuestReading {
  readonly root: KernelRoot
  readonly pace: Pace
  /** Absent: contents are not read. */
  readonly chunk?: PageChunk
}

/** Pages of all its mappings, present or not. */
export function ramPages({ mappings }: Pick<RamScan, 'mappings'>): number {
  return mappings.reduce((sum, { start, end }) => sum + (end - start) / pageSize, 0)
}

/** Returns the pages hashed. Throws `gone`, `not-permitted`, `cancelled`. Reads without pinning, so merges stay. */
export async function scanGuestStrip(ram: RamScan, strip: Strip, reading: GuestReading): Promise<number> {
  const { root, pace, chunk } = reading
  const present = new PresentPages(root, ram.pid, undefined)
  let scanner: WindowScanner | undefined
  try {
    const frames = new FrameKinds(root, undefined)
    scanner = new WindowScanner(strip, {
      present,
      frames,
      memory: new ProcessMemoryFile(root, ram.pid),
      chunk,
    })
    let first = 0
    for (const { start, end } of ram.mappings) {
      for (let from = start; from < end; from += windowPages * pageSize) {
        from = present.skipAbsent(from, end, windowPages * pageSize)
        const pages = Math.min(windowPages, (end - from) / pageSize)
        const found = scanner.scan(from, pages, first + (from - start) / pageSize)
        if (pace.advance(found)) await pace.rest(`reading guest ${ram.name}`)
      }
      first += (end - start) / pageSize
    }
    return scanner.hashedPages
  } finally {
    scanner?.close()
    present.close()
  }
}

interface WindowParts {
  readonly present: PresentPages
  readonly frames: FrameKinds
  readonly memory: ProcessMemoryFile
  readonly chunk: PageChunk | undefined
}

/** Works on typed arrays that are there already: nothing is allocated for a page. */
class WindowScanner {
  hashedPages = 0
  readonly #strip: Strip
  readonly #parts: WindowParts

  constructor(strip: Strip, parts: WindowParts) {
    this.#strip = strip
    this.#parts = parts
  }

  close(): void {
    this.#parts.frames.close()
    this.#parts.memory.close()
  }

  /** Without yielding, so that page map, flags and content are of one moment. `first`: the window's page of the strip. Returns its present pages. */
  scan(start: number, pages: number, first: number): number {
    const { present, frames } = this.#parts
    const runs = present.list(start, start + pages * pageSize)
    if (runs.length === 0) return 0
    const entries = present.readEntries(start, pages)
    frames.forgetFlags()
    let found = 0
    for (const run of runs) {
      const from = (run.start - start) / pageSize
      this.#markRun(run, entries, from, pages, first)
      found += run.pages
    }
    if (this.#parts.chunk) for (const run of runs) this.#hashRun(run, first + (run.start - start) / pageSize)
    return found
  }

  #markRun(
    { kernelZero, pages: count }: PresentRun,
    entries: Int32Array,
    from: number,
    pages: number,
    first: number,
  ): void {
    const { bits } = this.#strip
    const { frames } = this.#parts
    for (let i = from; i < from + count; i += 1) {
      if (kernelZero) {
        bits[first + i] = pageBits.present | pageBits.zero | pageBits.compared
        continue
      }
      if (!isPresent(entries[i * 2 + 1] as number)) continue
      const kind = frames.kindOfFrame(entries, i, pages)
      bits[first + i] =
        kind === frameKind.merged
          ? pageBits.present | pageBits.mergedOrDirty
          : kind === frameKind.kernelZero
            ? pageBits.present | pageBits.zero | pageBits.compared
            : pageBits.present
    }
  }

  #hashRun({ start, pages }: PresentRun, first: number): void {
    const { memory, chunk } = this.#parts
    const { bits, hashes } = this.#strip
    if (!chunk) return
    const { lower: zeroLower, upper: zeroUpper } = chunk.zero
    for (let done = 0; done < pages; ) {
      if (((bits[first + done] as number) & pageBits.compared) !== 0) {
        done += 1
        continue
      }
      const wanted = Math.min(chunkPages, pages - done)
      const read = Math.floor(
        memory.read(start + done * pageSize, chunk.buffer.bytes, wanted * pageSize) / pageSize,
      )
      chunk.measure(read)
      for (let i = 0; i < read; i += 1) {
        const page = first + done + i
        const lower = chunk.hashes[i * 2] as number
        const upper = chunk.hashes[i * 2 + 1] as number
        hashes[page * 2] = lower
        hashes[page * 2 + 1] = upper
        const zero = lower === zeroLower && upper === zeroUpper ? pageBits.zero : 0
        bits[page] = (bits[page] as number) | pageBits.compared | zero
      }
      this.hashedPages += read
      // A page that went away in the meantime ends the reading: it is not present any more.
      if (read < wanted) bits[first + done + read] = 0
      done += read < wanted ? read + 1 : read
    }
  }
}
