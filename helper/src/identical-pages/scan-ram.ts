// Reads a guest's present RAM once and hands hashes to a sink.
import type { RamMapping } from '../guests/guest-ram.ts'
import { pageSize } from '../kernel/page-size.ts'
import { FrameKinds } from './frame-kinds.ts'
import { HandedOver } from './handed-over.ts'
import { PresentPages } from './present-pages.ts'
import { ReadBatch } from './read-batch.ts'
import { SLOT_PAGES } from './read-slots.ts'
import type { Remembered, Scan } from './scan/scan.ts'
import { addRuns, addWindow, countPages, kindOfUnmerged, type RamReader, type Window } from './scan-window.ts'
import { SharedReader } from './shared-reader.ts'
import type { SiteKind } from './site-kind.ts'

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
  /** How many pages in merged frames it has listed so far; undefined: it lists none. */
  readonly mergedSiteCount: number | undefined
  /** Indexes of their frames, of those behind the first `count`. */
  mergedSitesSince(count: number): Uint32Array
  /** Pages in merged frames by the indexes of these, which stay as they are. */
  addMergedSites(indexes: Uint32Array): void
}

/** The RAM of one guest. */
export interface RamScan {
  readonly pid: number
  readonly name: string
  readonly mappings: readonly RamMapping[]
  /** KSM has merged pages of this guest, or may do so meanwhile: look at frames. */
  readonly hasMergedPages: boolean
}

// Presence and frames are asked for again so often that hardly a page can be swapped out, or merged, between the answer
// and its reading.
const WINDOW_BYTES = 16 * 2 ** 20
const LARGEST_SHARED_BYTES = SLOT_PAGES * pageSize
const SMALLEST_SHARED_BYTES = LARGEST_SHARED_BYTES / 16
/** Of what is left of a guest. */
const SHARED_RATIO = 1 / 8

/** Two threads share windows out: large ones, as each costs two messages; at last small ones, so that neither waits long. */
function sharedBytes(leftBytes: number): number {
  const bytes = Math.ceil((leftBytes * SHARED_RATIO) / SMALLEST_SHARED_BYTES) * SMALLEST_SHARED_BYTES
  return Math.min(LARGEST_SHARED_BYTES, bytes)
}

/**
 * Returns the pages hashed. With a `thread`, it reads part of a guest none of whose pages are merged.
 * Throws `gone` when the guest exits, `cancelled`, or `not-permitted`.
 */
export async function scanRam(
  ram: RamScan,
  sink: PageSink,
  { root, chunk, pace, presentBy, thread, mergedFrames }: Scan & Remembered,
): Promise<number> {
  const present = new PresentPages(root, ram.pid, presentBy)
  const batch = new ReadBatch(ram.pid, chunk, sink)
  const others = thread && !ram.hasMergedPages ? new HandedOver(thread, ram.pid, sink) : undefined
  let shared: SharedReader | undefined
  let frames: FrameKinds | undefined
  try {
    shared = new SharedReader(root, ram.pid, chunk, sink)
    frames = ram.hasMergedPages ? new FrameKinds(root, mergedFrames?.ownFrames) : undefined
    const windows = frames && mergedFrames?.windows
    const reader: RamReader = { pid: ram.pid, present, batch, shared, frames, windows, sink }
    for (const window of listWindows(ram, others ? sharedBytes : undefined)) {
      const pages = others === undefined ? addWindow(window, reader) : await share(window, others, reader)
      if (pace.advance(pages)) await pace.rest(`reading guest ${ram.name}`)
    }
    batch.flush()
    await others?.settle()
    others?.check()
    return batch.hashedPages + shared.hashedPages + (others?.hashedPages ?? 0)
  } finally {
    await others?.settle()
    shared?.close()
    frames?.close()
    present.close()
  }
}

/** Hands the window over, or goes through it; returns the pages of which it did. */
async function share(window: Window, others: HandedOver, reader: RamReader): Promise<number> {
  const { mapping, start, end } = window
  const runs = reader.present.list(start, end, mapping.mergeable && mapping.privateFile)
  // Lets answers in, so that the thread is never without work for long.
  await new Promise<void>((resume) => setImmediate(resume))
  others.check()
  if (others.offer(runs, (run) => kindOfUnmerged(run, mapping))) return 0
  addRuns(runs, window, reader)
  return countPages(runs)
}

/** What is looked at in one go: `bytesOf` of what is left. */
export function* listWindows(
  { mappings }: Pick<RamScan, 'mappings'>,
  bytesOf: (leftBytes: number) => number = () => WINDOW_BYTES,
): Generator<Window> {
  let leftBytes = mappings.reduce((sum, { start, end }) => sum + end - start, 0)
  for (const mapping of mappings) {
    for (let { start } = mapping; start < mapping.end; ) {
      const end = Math.min(start + bytesOf(leftBytes), mapping.end)
      yield { mapping, start, end }
      leftBytes -= end - start
      start = end
    }
  }
}
