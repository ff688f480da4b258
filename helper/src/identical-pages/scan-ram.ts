// Reads a guest's present RAM once and hands hashes to a sink.
import type { RamMapping } from '../guest-ram.ts'
import type { KernelRoot } from '../kernel-root.ts'
import { pageSize } from '../libc.ts'
import type { Pace } from '../pace.ts'
import { isPresent } from '../procfs/pagemap.ts'
import { FrameKinds, frameKind, frameOf } from './frame-kinds.ts'
import type { FrameSet } from './frame-set.ts'
import { HandedOver } from './handed-over.ts'
import type { PageChunk } from './page-hash.ts'
import type { PresentPages, PresentRun } from './present-pages.ts'
import { ReadBatch } from './read-batch.ts'
import { SLOT_PAGES } from './read-slots.ts'
import type { ReadingThread } from './reading-thread.ts'
import { SharedReader } from './shared-reader.ts'
import { type SiteKind, siteKind } from './site-kind.ts'

/** Takes what a scan finds. */
export interface PageSink {
  /** Hashes as pairs of words, of pages of one kind. */
  addPages(hashes: Uint32Array, count: number, kind: SiteKind): void
  /**
   * Pages, by their page-map entries, in shared frames whose content is known. Returns where the first that is not such
   * a page lies: `to` if all are.
   */
  addKnownFrames(entries: Int32Array, from: number, to: number): number
  /** A page in a frame that is merged now; false: the frame's content is not known, so the page must be read. */
  addKnownFrame(frame: number): boolean
  /** A page in a merged frame that was read. */
  addFrame(frame: number, lower: number, upper: number): void
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

// Presence and frames are asked for again so often that hardly a page can be swapped out, or merged, between the answer
// and its reading.
const WINDOW_BYTES = 16 * 2 ** 20
// Shared out among two threads.
const SMALL_WINDOW_BYTES = SLOT_PAGES * pageSize

interface RamReader {
  readonly present: PresentPages
  readonly batch: ReadBatch
  readonly shared: SharedReader
  readonly frames: FrameKinds | undefined
  readonly sink: PageSink
}

/**
 * Returns the pages hashed. With a `thread`, it reads part of a guest none of whose pages are merged.
 * Throws `gone` when the guest exits, `cancelled`, or `not-permitted`.
 */
export async function scanRam(
  scan: RamScan,
  present: PresentPages,
  chunk: PageChunk,
  sink: PageSink,
  pace: Pace,
  thread?: ReadingThread,
  ownFrames?: FrameSet,
): Promise<number> {
  const batch = new ReadBatch(scan.pid, chunk, sink)
  const shared = new SharedReader(scan.root, scan.pid, chunk, sink)
  const others = thread && !scan.hasMergedPages ? new HandedOver(thread, scan.pid, sink) : undefined
  let frames: FrameKinds | undefined
  try {
    frames = scan.hasMergedPages ? new FrameKinds(scan.root, ownFrames) : undefined
    const reader: RamReader = { present, batch, shared, frames, sink }
    for (const { mapping, start, end } of listWindows(scan, others ? SMALL_WINDOW_BYTES : WINDOW_BYTES)) {
      const runs = present.list(start, end, mapping.mergeable && mapping.privateFile)
      if (others !== undefined) {
        // Lets answers in, so that the thread is never without work for long.
        await new Promise<void>((resume) => setImmediate(resume))
        others.check()
        if (others.offer(runs, (run) => kindOfUnmerged(run, mapping))) continue
      }
      addWindow({ runs, start, end, mapping }, reader)
      const pages = runs.reduce((sum, run) => sum + run.pages, 0)
      if (pace.advance(pages)) await pace.rest(`reading guest ${scan.name}`)
    }
    batch.flush()
    await others?.settle()
    others?.check()
    return batch.hashedPages + shared.hashedPages + (others?.hashedPages ?? 0)
  } finally {
    await others?.settle()
    shared.close()
    frames?.close()
  }
}

/** What is looked at in one go. */
export function* listWindows(scan: Pick<RamScan, 'mappings'>, bytes = WINDOW_BYTES) {
  for (const mapping of scan.mappings)
    for (let start = mapping.start; start < mapping.end; start += bytes)
      yield { mapping, start, end: Math.min(start + bytes, mapping.end) }
}

interface Window {
  readonly mapping: RamMapping
  readonly start: number
  readonly end: number
  readonly runs: readonly PresentRun[]
}

/** Without a pause, so that all that the kernel tells of the window is of one moment. */
function addWindow({ runs, start, end, mapping }: Window, reader: RamReader): void {
  const { batch, frames, shared, sink, present } = reader
  const tellsFrames = (run: PresentRun) => !run.kernelZero && !run.file && mapping.mergeable
  const entries =
    frames !== undefined && runs.some(tellsFrames)
      ? present.readEntries(start, (end - start) / pageSize)
      : undefined
  frames?.forget()
  for (const run of runs) {
    if (run.kernelZero) sink.addKernelZeroPages(run.pages)
    else if (frames === undefined || entries === undefined || !tellsFrames(run))
      batch.addRun(run.start, run.pages, kindOfUnmerged(run, mapping))
    else addTellingFrames(run, entries, (run.start - start) / pageSize, frames, reader)
  }
  if (entries === undefined) return
  // Before the frames can change: a page that KSM has merged meanwhile would be unmerged by the copy.
  batch.flush()
  shared.flush()
}

function kindOfUnmerged(run: PresentRun, mapping: RamMapping): SiteKind {
  return !mapping.mergeable || run.file ? siteKind.fixed : siteKind.own
}

/** `entries` are those of the window; the first of the run is at `from`. */
function addTellingFrames(
  run: PresentRun,
  entries: Int32Array,
  from: number,
  frames: FrameKinds,
  { batch, shared, sink }: RamReader,
): void {
  const to = from + run.pages
  const addressOf = (at: number) => run.start + (at - from) * pageSize
  let kernelZeros = 0
  let ownFrom = from
  let ownTo = from
  for (let i = from; i < to; i += 1) {
    // QEMU keeps its RAM from forks: what is mapped more than once, in a frame that was merged, still is. So its flags
    // need not be read.
    i = sink.addKnownFrames(entries, i, to)
    if (i === to) break
    if (!isPresent(entries[i * 2 + 1] as number)) continue
    const kind = frames.of(entries, i, to)
    if (kind === frameKind.own) {
      if (i !== ownTo) {
        batch.addRun(addressOf(ownFrom), ownTo - ownFrom, siteKind.own)
        ownFrom = i
      }
      ownTo = i + 1
    } else if (kind === frameKind.kernelZero) kernelZeros += 1
    else if (kind === frameKind.shared) shared.add(addressOf(i), 0)
    else if (!sink.addKnownFrame(frameOf(entries, i))) shared.add(addressOf(i), frameOf(entries, i))
  }
  batch.addRun(addressOf(ownFrom), ownTo - ownFrom, siteKind.own)
  if (kernelZeros > 0) sink.addKernelZeroPages(kernelZeros)
}
