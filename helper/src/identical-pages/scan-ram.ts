// Reads a guest's present RAM once, page by page, and hands hashes to a sink.
import type { RamMapping } from '../guest-ram.ts'
import type { KernelRoot } from '../kernel-root.ts'
import { pageSize } from '../libc.ts'
import type { Pace } from '../pace.ts'
import { type SiteKind, siteKind } from './content-groups.ts'
import { FrameKinds, frameKind, frameOf } from './frame-kinds.ts'
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
  /** KSM has merged pages of this guest, or may do so meanwhile: look at frames. */
  readonly hasMergedPages: boolean
}

// Presence is asked for again so often that hardly a page can be swapped out between the answer and its reading.
const WINDOW_BYTES = 32 * 2 ** 20
// Where frames matter, they are looked at this shortly before their pages are read.
const PAGES_AT_ONCE = 1024

/** Returns the pages hashed. Throws `gone` when the guest exits, `cancelled`, or `not-permitted`. */
export async function scanRam(
  scan: RamScan,
  present: PresentPages,
  chunk: PageChunk,
  sink: PageSink,
  pace: Pace,
): Promise<number> {
  const batch = new ReadBatch(scan.root, scan.pid, chunk, sink)
  const frames = scan.hasMergedPages ? new FrameKinds(scan.root) : undefined
  try {
    for (const mapping of scan.mappings) {
      for (let at = mapping.start; at < mapping.end; at += WINDOW_BYTES) {
        for (const run of present.list(at, Math.min(at + WINDOW_BYTES, mapping.end))) {
          for (const piece of splitRun(run)) {
            addPiece(piece, mapping, present, frames, batch, sink)
            if (pace.advance(piece.pages)) await pace.rest(`reading guest ${scan.name}`)
          }
        }
      }
    }
    batch.flush()
    return batch.hashedPages
  } finally {
    batch.close()
    frames?.close()
  }
}

function splitRun(run: PresentRun): PresentRun[] {
  if (run.kernelZero || run.pages <= PAGES_AT_ONCE) return [run]
  const pieces: PresentRun[] = []
  for (let i = 0; i < run.pages; i += PAGES_AT_ONCE) {
    const pages = Math.min(PAGES_AT_ONCE, run.pages - i)
    pieces.push({ ...run, start: run.start + i * pageSize, pages })
  }
  return pieces
}

function addPiece(
  run: PresentRun,
  mapping: RamMapping,
  present: PresentPages,
  frames: FrameKinds | undefined,
  batch: ReadBatch,
  sink: PageSink,
): void {
  if (run.kernelZero) sink.addKernelZeroPages(run.pages)
  else if (!mapping.mergeable || run.file) addAll(run, siteKind.fixed, batch)
  else if (frames === undefined) addAll(run, siteKind.own, batch)
  else addTellingFrames(run, present.readEntries(run.start, run.pages), frames, batch, sink)
}

function addTellingFrames(
  run: PresentRun,
  entries: Uint32Array,
  frames: FrameKinds,
  batch: ReadBatch,
  sink: PageSink,
): void {
  for (let i = 0; i < run.pages; i += 1) {
    const address = run.start + i * pageSize
    const kind = frames.of(entries, i, run.pages)
    if (kind === frameKind.own) batch.add(address, siteKind.own, 0)
    else if (kind === frameKind.kernelZero) sink.addKernelZeroPages(1)
    else if (kind === frameKind.shared) batch.addShared(address, siteKind.own, 0)
    else addMerged(address, frameOf(entries, i), batch, sink)
  }
  // Before the frames can change: a page that KSM has merged meanwhile would be unmerged by the copy.
  batch.flush()
}

function addMerged(address: number, frame: number, batch: ReadBatch, sink: PageSink): void {
  if (!sink.addKnownFrame(frame)) batch.addShared(address, siteKind.merged, frame)
}

function addAll(run: PresentRun, kind: SiteKind, batch: ReadBatch): void {
  for (let i = 0; i < run.pages; i += 1) batch.add(run.start + i * pageSize, kind, 0)
}
