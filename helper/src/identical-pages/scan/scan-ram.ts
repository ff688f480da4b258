// Reads a guest's present RAM once and hands hashes to a sink.
import type { RamMapping } from '../../guests/guest-ram.ts'
import { pageSize } from '../../kernel/page-size.ts'
import { PresentPages } from '../../kernel/present-pages.ts'

import { FrameKinds } from './frame-kinds.ts'
import { OffloadedWindows } from './offloaded-windows.ts'
import { OwnPageReader, SharedFrameReader } from './page-readers.ts'
import { slotPages } from './read-slots.ts'
import type { FrameSink, Remembered, Scan } from './scan.ts'
import {
  addRuns,
  addWindow,
  countPages,
  kindOfUnmerged,
  listRuns,
  type RamReader,
  type Window,
} from './scan-window.ts'

/** The RAM of one guest. */
export interface RamScan {
  readonly pid: number
  readonly name: string
  readonly mappings: readonly RamMapping[]
  /**
   * Look at frames: KSM has merged pages of this guest, or may merge some during the scan; or it maps zero pages that the
   * kernel's answers do not tell from others.
   */
  readonly needsFrames: boolean
}

// Small enough that hardly any page is swapped out or merged between the kernel's answer and the copy.
const windowBytes = 16 * 2 ** 20
const maxSharedBytes = slotPages * pageSize
const minSharedBytes = maxSharedBytes / 16
/** A shared window takes this part of what is left of a guest. */
const sharedRatio = 1 / 8

/** Two threads share windows out: large ones, as each costs two messages; at last small ones, so that neither waits long. */
function sharedBytes(leftBytes: number): number {
  const bytes = Math.ceil((leftBytes * sharedRatio) / minSharedBytes) * minSharedBytes
  return Math.min(maxSharedBytes, bytes)
}

/**
 * Reads the present RAM of a guest once and hands it to the sink; returns the pages hashed. A `thread` reads part of it
 * where no page of the guest is merged. Needs CAP_SYS_PTRACE, and CAP_SYS_ADMIN where frames have
 * to be told apart.
 * Throws `gone` when the guest exits, `cancelled`, or `not-permitted`.
 */
export async function scanRam(
  ram: RamScan,
  sink: FrameSink,
  { root, chunk, pace, presentBy, thread, mergedFrames }: Scan & Remembered,
): Promise<number> {
  const present = new PresentPages(root, ram.pid, presentBy)
  const batch = new OwnPageReader(ram.pid, chunk, sink)
  const offloaded = thread && !ram.needsFrames ? new OffloadedWindows(thread, ram.pid, sink) : undefined
  let shared: SharedFrameReader | undefined
  let frames: FrameKinds | undefined
  try {
    shared = new SharedFrameReader(root, ram.pid, chunk, sink)
    frames = ram.needsFrames ? new FrameKinds(root, mergedFrames?.privateFrames) : undefined
    const windows = frames && mergedFrames?.windows
    const reader: RamReader = { pid: ram.pid, present, batch, shared, frames, windows, sink }
    for (const window of listWindows(ram, present, offloaded ? sharedBytes : undefined)) {
      const pages =
        offloaded === undefined ? addWindow(window, reader) : await share(window, offloaded, reader)
      if (pace.advance(pages)) await pace.rest(`reading guest ${ram.name}`)
    }
    batch.flush()
    await offloaded?.settle()
    offloaded?.check()
    return batch.hashedPages + shared.hashedPages + (offloaded?.hashedPages ?? 0)
  } finally {
    await offloaded?.settle()
    shared?.close()
    frames?.close()
    present.close()
  }
}

/** Offers the window to the second thread, or else walks it. Returns the pages walked here. */
async function share(window: Window, offloaded: OffloadedWindows, reader: RamReader): Promise<number> {
  const { mapping } = window
  const runs = listRuns(window, reader.present)
  // Receives answers, so that the second thread does not wait for work.
  await new Promise<void>((resume) => setImmediate(resume))
  offloaded.check()
  if (offloaded.offerWindow(runs, (run) => kindOfUnmerged(run, mapping))) return 0
  addRuns(runs, window, reader)
  return countPages(runs)
}

/**
 * Windows of a guest's RAM in the order of addresses, without those in which nothing is present. `bytesOf`: size of a
 * window, given what is left.
 */
export function* listWindows(
  { mappings }: Pick<RamScan, 'mappings'>,
  present: Pick<PresentPages, 'skipAbsent'>,
  bytesOf: (leftBytes: number) => number = () => windowBytes,
): Generator<Window> {
  let leftBytes = mappings.reduce((sum, { start, end }) => sum + end - start, 0)
  for (const mapping of mappings) {
    for (let at = mapping.start; at < mapping.end; ) {
      const start = present.skipAbsent(at, mapping.end, windowBytes)
      const end = Math.min(start + bytesOf(leftBytes - (start - at)), mapping.end)
      if (start < end) yield { mapping, start, end }
      leftBytes -= end - at
      at = end
    }
  }
}
