// Walks a window of a guest's RAM: hands its pages to the sink, or to the readers that hash them for it.
import type { RamMapping } from '../../guests/guest-ram.ts'
import { pageSize } from '../../kernel/page-size.ts'
import { isExclusive, isPresent, pagemapEntryBytes } from '../../kernel/pagemap.ts'
import type { PresentPages, PresentRun } from '../../kernel/present-pages.ts'
import { type SiteKind, siteKind } from '../records/record-layout.ts'
import { type FrameKinds, frameKind, frameOf } from './frame-kinds.ts'
import type { KnownWindows, WindowFindings } from './known-windows.ts'
import type { OwnPageReader, SharedFrameReader } from './page-readers.ts'
import type { FrameSink } from './scan.ts'

export interface Window {
  readonly mapping: RamMapping
  readonly start: number
  readonly end: number
}

export interface RamReader {
  readonly pid: number
  readonly present: PresentPages
  readonly batch: OwnPageReader
  readonly shared: SharedFrameReader
  /** Absent: no pages of this guest are merged. */
  readonly frames: FrameKinds | undefined
  readonly windows: KnownWindows | undefined
  readonly sink: FrameSink
}

/**
 * Runs without yielding, so that page map, flags and content describe one moment. Returns the window's present pages. Needs
 * what `scanRam` needs.
 */
export function addWindow(window: Window, reader: RamReader): number {
  const { start } = window
  const known = reader.windows?.knownWindow(reader.pid, start)
  const entries = known === undefined ? undefined : readEntries(window, reader)
  if (known !== undefined && entries !== undefined && addKnown(window, known, entries, reader))
    return known.presentPages
  const runs = listRuns(window, reader.present)
  addRuns(runs, window, reader, entries)
  return countPages(runs)
}

/** Present runs of a window. */
export function listRuns({ mapping, start, end }: Window, present: PresentPages): readonly PresentRun[] {
  const runs = present.list(start, end, mapping.mergeable && mapping.privateFile)
  if (present.scans || mapping.shared || mapping.privateFile) return runs
  // Page-map entries call the huge zero page a file's, which anonymous memory has none of.
  return runs.map((run) => (run.file ? { ...run, file: false, kernelZero: true } : run))
}

/** Pages of all runs together. */
export function countPages(runs: readonly PresentRun[]): number {
  return runs.reduce((sum, run) => sum + run.pages, 0)
}

/** Walks present runs of a window. `found`: the window's page-map entries, where the caller has read them. */
export function addRuns(
  runs: readonly PresentRun[],
  window: Window,
  reader: RamReader,
  found?: Int32Array,
): void {
  const { batch, frames, shared, sink } = reader
  const { mapping, start } = window
  const tellsFrames = (run: PresentRun) => !run.kernelZero && !run.file && mapping.mergeable
  const entries =
    frames !== undefined && runs.some(tellsFrames) ? (found ?? readEntries(window, reader)) : undefined
  const findings = new Findings(sink)
  frames?.forgetFlags()
  for (const run of runs) {
    if (run.kernelZero) findings.kernelZeroPages += run.pages
    else if (frames === undefined || entries === undefined || !tellsFrames(run)) {
      batch.addRun(run.start, run.pages, kindOfUnmerged(run, mapping))
      findings.isComplete = false
    } else scanByFrame(run, entries, (run.start - start) / pageSize, frames, reader, findings)
  }
  if (findings.kernelZeroPages > 0) sink.addKernelZeroPages(findings.kernelZeroPages)
  if (entries === undefined) return
  reader.windows?.keepWindow(
    reader.pid,
    start,
    findings.finish(runs, () => digestOf(window, entries)),
  )
  // At once, before frames change: copying a page that KSM has merged in between would unmerge it.
  batch.flush()
  shared.flush()
}

/** Kind of the pages of a run in which none is merged. */
export function kindOfUnmerged(run: PresentRun, mapping: RamMapping): SiteKind {
  return !mapping.mergeable || run.file ? siteKind.unmergeable : siteKind.private
}

function readEntries({ start, end }: Window, { present }: RamReader): Int32Array {
  return present.readEntries(start, (end - start) / pageSize)
}

function digestOf({ start, end }: Window, entries: Int32Array): bigint {
  const length = ((end - start) / pageSize) * pagemapEntryBytes
  return Bun.hash.rapidhash(new Uint8Array(entries.buffer, entries.byteOffset, length))
}

/** Collects what the walk of a window finds, for the next scan. */
class Findings {
  isComplete = true
  kernelZeroPages = 0
  readonly privateRuns: number[] = []
  readonly alone: number[] = []
  readonly #sink: FrameSink
  readonly #sitesBefore: number | undefined

  constructor(sink: FrameSink) {
    this.#sink = sink
    this.#sitesBefore = sink.mergedSiteCount
  }

  finish(runs: readonly PresentRun[], digest: () => bigint): WindowFindings | undefined {
    if (!this.isComplete || this.#sitesBefore === undefined) return undefined
    const { privateRuns, alone, kernelZeroPages } = this
    const presentPages = countPages(runs)
    const sites = this.#sink.mergedSitesSince(this.#sitesBefore)
    return { digest: digest(), presentPages, sites, privateRuns, alone, kernelZeroPages }
  }
}

/** Takes over what the last scan found. False: the window has changed and must be walked. */
function addKnown(window: Window, known: WindowFindings, entries: Int32Array, reader: RamReader): boolean {
  const { batch, frames, sink, windows } = reader
  if (frames === undefined || digestOf(window, entries) !== known.digest) return false
  const pages = (window.end - window.start) / pageSize
  frames.forgetFlags()
  for (const page of known.alone)
    if (frames.kindOfFrame(entries, page, pages) !== frameKind.merged) return false
  sink.addMergedSites(known.sites)
  if (known.kernelZeroPages > 0) sink.addKernelZeroPages(known.kernelZeroPages)
  const { privateRuns } = known
  for (let i = 0; i < privateRuns.length; i += 2) {
    const from = privateRuns[i] as number
    batch.addRun(window.start + from * pageSize, (privateRuns[i + 1] as number) - from, siteKind.private)
  }
  batch.flush()
  windows?.keepWindow(reader.pid, window.start, known)
  return true
}

/** Sorts the pages of a run by the frame that they lie in. `entries`: of the window; the run begins at index `from`. */
function scanByFrame(
  run: PresentRun,
  entries: Int32Array,
  from: number,
  frames: FrameKinds,
  { batch, shared, sink }: RamReader,
  findings: Findings,
): void {
  const to = from + run.pages
  const addressOf = (at: number) => run.start + (at - from) * pageSize
  let privateFrom = from
  let privateTo = from
  const endPrivate = () => {
    if (privateTo === privateFrom) return
    batch.addRun(addressOf(privateFrom), privateTo - privateFrom, siteKind.private)
    findings.privateRuns.push(privateFrom, privateTo)
  }
  for (let i = from; i < to; i += 1) {
    // QEMU excludes its RAM from forks, so a known frame that is mapped more than once is still merged: its flags need
    // not be read.
    i = sink.addKnownFrames(entries, i, to)
    if (i === to) break
    if (!isPresent(entries[i * 2 + 1] as number)) {
      // The page has gone since the runs were listed.
      findings.isComplete = false
      continue
    }
    const kind = frames.kindOfFrame(entries, i, to)
    if (kind === frameKind.private) {
      if (i !== privateTo) {
        endPrivate()
        privateFrom = i
      }
      privateTo = i + 1
    } else if (kind === frameKind.kernelZero) findings.kernelZeroPages += 1
    else if (kind === frameKind.shared || !sink.addKnownFrame(frameOf(entries, i))) {
      shared.addPage(addressOf(i), kind === frameKind.shared ? 0 : frameOf(entries, i))
      findings.isComplete = false
    } else if (isExclusive(entries[i * 2 + 1] as number)) findings.alone.push(i)
  }
  endPrivate()
}
