// Reads a guest's present RAM once, page by page, and hands hashes to a sink.
import type { RamMapping } from '../guest-ram.ts'
import type { KernelRoot } from '../kernel-root.ts'
import { pageSize } from '../libc.ts'
import type { Pace } from '../pace.ts'
import { FrameFlags, KPF_KSM, KPF_ZERO_PAGE } from '../procfs/kpageflags.ts'
import { frameNumber, isExclusive } from '../procfs/pagemap.ts'
import { type SiteKind, siteKind } from './content-groups.ts'
import type { PageChunk } from './page-hash.ts'
import type { PresentPages, PresentRun } from './present-pages.ts'
import { ReadBatch } from './read-batch.ts'

/** Takes what a scan finds. `frame` is 0 but for merged pages. */
export interface PageSink {
  addPage(lower: number, upper: number, kind: SiteKind, frame: number): void
  /** False: the frame's content is not known yet, so the page must be read. */
  addKnownFrame(frame: number): boolean
  addKernelZeroPages(pages: number): void
}

export interface RamScan {
  readonly root: KernelRoot
  readonly pid: number
  readonly name: string
  readonly mappings: readonly RamMapping[]
  /** KSM has merged pages of this guest: look at frames. */
  readonly hasMergedPages: boolean
}

// Presence is asked for again so often that hardly a page can be swapped out between the answer and its reading.
const WINDOW_BYTES = 32 * 2 ** 20
const ENTRIES_AT_ONCE = 8192

/** Returns the pages hashed. Throws `gone` when the guest exits, `cancelled`, or `not-permitted`. */
export async function scanRam(
  scan: RamScan,
  present: PresentPages,
  chunk: PageChunk,
  sink: PageSink,
  pace: Pace,
): Promise<number> {
  const batch = new ReadBatch(scan.pid, chunk, sink)
  const flags = scan.hasMergedPages ? new FrameFlags(scan.root) : undefined
  try {
    for (const mapping of scan.mappings) {
      for (let at = mapping.start; at < mapping.end; at += WINDOW_BYTES) {
        for (const run of present.list(at, Math.min(at + WINDOW_BYTES, mapping.end))) {
          for (const piece of splitRun(run)) {
            addPiece(piece, mapping, present, flags, batch, sink)
            if (pace.advance(piece.pages)) await pace.rest(`reading guest ${scan.name}`)
          }
        }
      }
    }
    batch.flush()
    return batch.hashedPages
  } finally {
    flags?.close()
  }
}

function splitRun(run: PresentRun): PresentRun[] {
  if (run.kernelZero || run.pages <= ENTRIES_AT_ONCE) return [run]
  const pieces: PresentRun[] = []
  for (let i = 0; i < run.pages; i += ENTRIES_AT_ONCE) {
    const pages = Math.min(ENTRIES_AT_ONCE, run.pages - i)
    pieces.push({ ...run, start: run.start + i * pageSize, pages })
  }
  return pieces
}

function addPiece(
  run: PresentRun,
  mapping: RamMapping,
  present: PresentPages,
  flags: FrameFlags | undefined,
  batch: ReadBatch,
  sink: PageSink,
): void {
  if (run.kernelZero) sink.addKernelZeroPages(run.pages)
  else if (!mapping.mergeable || run.file) addAll(run, siteKind.fixed, batch)
  else if (flags === undefined) addAll(run, siteKind.own, batch)
  else addTellingFrames(run, present.readEntries(run.start, run.pages), flags, batch, sink)
}

function addTellingFrames(
  run: PresentRun,
  entries: Uint32Array,
  flags: FrameFlags,
  batch: ReadBatch,
  sink: PageSink,
): void {
  for (let i = 0; i < run.pages; i += 1) {
    const address = run.start + i * pageSize
    const upper = entries[i * 2 + 1] ?? 0
    const frame = frameNumber(entries[i * 2] ?? 0, upper)
    const bits = isExclusive(upper) ? 0 : flags.of(frame)
    if ((bits & KPF_ZERO_PAGE) !== 0) sink.addKernelZeroPages(1)
    else if ((bits & KPF_KSM) === 0) batch.add(address, siteKind.own, 0)
    else if (!sink.addKnownFrame(frame)) batch.add(address, siteKind.merged, frame)
  }
}

function addAll(run: PresentRun, kind: SiteKind, batch: ReadBatch): void {
  for (let i = 0; i < run.pages; i += 1) batch.add(run.start + i * pageSize, kind, 0)
}
