// What a snapshot costs beside mere copying of the same pages, in turns.

import { parseArgs } from 'node:util'
import type { CommandIo } from '../../../helper/src/cli/command-io.ts'
import { UsageError } from '../../../helper/src/cli/parse-command.ts'
import { listGuests } from '../../../helper/src/guests/guests.ts'
import { MergedFrames } from '../../../helper/src/identical-pages/scan/merged-frames.ts'
import { type PageChunk, sharedPageChunk } from '../../../helper/src/identical-pages/scan/page-hash.ts'
import { ReadingThread } from '../../../helper/src/identical-pages/scan/reading-thread.ts'
import type { Remembered, Scan } from '../../../helper/src/identical-pages/scan/scan.ts'
import { type PreparedScan, prepareGuests } from '../../../helper/src/identical-pages/scan/scan-guests.ts'
import { type Snapshot, takeSnapshot, vouchersFor } from '../../../helper/src/identical-pages/snapshot.ts'
import { summarizeSnapshot } from '../../../helper/src/identical-pages/summarize.ts'
import type { Image } from '../../../helper/src/images/image.ts'
import { listImages } from '../../../helper/src/images/list-images.ts'
import { liveKernel } from '../../../helper/src/kernel/kernel-root.ts'
import { Pace } from '../../../helper/src/pacing/pace.ts'
import type { ScanOptions } from '../../../helper/src/pacing/scan-options.ts'
import { assessImage } from '../../../helper/src/page-cache/assess-image.ts'
import { ImageReader } from '../../../helper/src/page-cache/image-reader.ts'
import { measureWindow, windowPages } from '../../../helper/src/page-cache/image-window.ts'
import { KnownContents } from '../../../helper/src/page-cache/known-contents.ts'
import { listWindows, withOpenImage } from '../../../helper/src/page-cache/open-image.ts'
import { requirePrivilege } from '../../../helper/src/probe/privilege.ts'
import { withValue } from '../../../src/shared/with-value.ts'
import { copyGuests } from './copy-only.ts'
import { readPageMaps } from './page-map.ts'
import { measureParts, type Parts } from './parts.ts'

/** Wall and CPU time of one pass over `pages` pages. */
interface Timed {
  readonly pages: number
  readonly seconds: number
  readonly cpuSeconds: number
}

interface Round {
  /** Absent with --scan-only. */
  readonly copy?: Timed
  readonly scan: Timed & { readonly hashedPages: number }
  /** The same by two threads; absent without --threads 2. */
  readonly threaded?: Timed
  /** What of the scan is listing present pages and reading their page-map entries. */
  readonly pageMap: Timed
  readonly summary: Timed
  readonly images: Timed
  /** The same once more, by one that remembers what it has read. */
  readonly knownImages: Timed & { readonly hashedPages: number }
  /** Of that, finding out which pages are resident. */
  readonly residency: Timed
}

interface SnapshotBench {
  readonly guests: number
  readonly presentPages: number
  /** Resident in the page cache of the images, and looked at. */
  readonly imagePages: number
  readonly rounds: readonly Round[]
  readonly parts: Parts
  readonly rssBeforeBytes: number
  readonly peakRssBytes: number
}

/**
 * `--scan-only` leaves copying out: it would undo the merges of merged guests. `--no-images` looks at guests only.
 * `--threads 2` scans with two threads as well, in each round.
 */
export async function runSnapshotBench(args: string[], io: CommandIo): Promise<number> {
  const { rounds, scanOnly, noImages, threads } = parseBenchArgs(args)
  requirePrivilege('measure the speed of snapshots')
  const thread = threads === 2 ? new ReadingThread() : undefined
  const options: ScanOptions = {
    root: liveKernel,
    signal: io.signal,
    reportProgress: () => undefined,
  }
  try {
    const what = { scanOnly, noImages, thread, remembered: { mergedFrames: new MergedFrames() } }
    io.out(`${JSON.stringify(await measureRounds(rounds, what, sharedPageChunk(), options))}\n`)
  } finally {
    await thread?.end()
  }
  return 0
}

interface WhatToMeasure {
  readonly scanOnly: boolean
  readonly noImages: boolean
  readonly thread: ReadingThread | undefined
  readonly remembered: Remembered
}

interface BenchArgs extends Omit<WhatToMeasure, 'thread' | 'remembered'> {
  readonly rounds: number
  readonly threads: 1 | 2
}

function parseBenchArgs(args: string[]): BenchArgs {
  const { values } = parseArgs({
    args,
    options: {
      json: { type: 'boolean' },
      rounds: { type: 'string', default: '5' },
      'scan-only': { type: 'boolean', default: false },
      'no-images': { type: 'boolean', default: false },
      threads: { type: 'string', default: '1' },
    },
  })
  const rounds = Number(values.rounds)
  if (!Number.isInteger(rounds) || rounds < 1) throw new UsageError('cannot measure: --rounds takes a number')
  const leftOut = { scanOnly: values['scan-only'], noImages: values['no-images'] }
  return { rounds, ...leftOut, threads: values.threads === '2' ? 2 : 1 }
}

async function measureRounds(
  count: number,
  what: WhatToMeasure,
  chunk: PageChunk,
  options: ScanOptions,
): Promise<SnapshotBench> {
  const guests = await listGuests(options.root)
  const { images } = what.noImages ? { images: [] } : await listImages(options.root, guests)
  const { prepared } = await prepareGuests(guests, options)
  const rssBeforeBytes = process.memoryUsage.rss()
  const rounds: Round[] = []
  for (let i = 0; i < count; i += 1) rounds.push(await measureRound(prepared, images, what, chunk, options))
  const peakRssBytes = process.resourceUsage().maxRSS * 1024
  const presentPages = prepared.reduce((sum, scan) => sum + scan.presentPages, 0)
  return {
    guests: prepared.length,
    presentPages,
    imagePages: rounds.at(-1)?.images.pages ?? 0,
    rounds,
    parts: await measureParts(presentPages, chunk),
    rssBeforeBytes,
    peakRssBytes,
  }
}

async function measureRound(
  prepared: readonly PreparedScan[],
  images: readonly Image[],
  { scanOnly, thread, remembered }: WhatToMeasure,
  chunk: PageChunk,
  options: ScanOptions,
): Promise<Round> {
  const copy = scanOnly ? undefined : await time(async () => copyGuests(prepared, chunk.buffer, options))
  const pace = new Pace(options, 0)
  let snapshot: Snapshot | undefined
  const scan = await time(async () => {
    snapshot = await takeSnapshot(prepared, { ...options, chunk, pace }, remembered)
    return snapshot.guests.reduce((sum, { pages }) => sum + pages.presentPages, 0)
  })
  const taken = snapshot as unknown as Snapshot
  const threaded = thread && (await time(() => scanWith(thread, prepared, { ...options, chunk, pace })))
  const pageMap = await time(async () => readPageMaps(prepared, options))
  const known = new KnownContents()
  known.follow(images, scan.pages)
  const reader = new ImageReader(chunk, known)
  const classified = await time(async () => (await classifyImages(images, taken, reader, pace)).compared)
  let hashedAgain = 0
  const classifiedAgain = await time(async () => {
    const { compared, hashed } = await classifyImages(images, taken, reader, pace)
    hashedAgain = hashed
    return compared
  })
  const residency = await time(() => measureImages(images))
  const summary = await time(async () => {
    const ksmZeroPages = prepared.map((guest) => guest.ksmZeroPages)
    await summarizeSnapshot(taken.groups, ksmZeroPages, pace)
    return scan.pages
  })
  taken.groups.release()
  return {
    ...withValue({ copy }),
    scan: { ...scan, hashedPages: taken.hashedPages },
    ...withValue({ threaded }),
    pageMap,
    images: classified,
    knownImages: { ...classifiedAgain, hashedPages: hashedAgain },
    residency,
    summary,
  }
}

async function scanWith(
  thread: ReadingThread,
  prepared: readonly PreparedScan[],
  scan: Scan,
): Promise<number> {
  const { groups, guests } = await takeSnapshot(prepared, scan, {
    mergedFrames: new MergedFrames(),
    thread,
  })
  groups.release()
  return guests.reduce((sum, { pages }) => sum + pages.presentPages, 0)
}

async function classifyImages(
  images: readonly Image[],
  snapshot: Snapshot,
  reader: ImageReader,
  pace: Pace,
): Promise<{ readonly compared: number; readonly hashed: number }> {
  const pages = { compared: 0, hashed: 0 }
  for (const image of images) {
    const held = { groups: snapshot.groups, vouchers: vouchersFor(image, snapshot, undefined) }
    const { comparedPages, hashedPages } = await assessImage(image, held, reader, pace)
    pages.compared += comparedPages
    pages.hashed += hashedPages
  }
  return pages
}

async function measureImages(images: readonly Image[]): Promise<number> {
  let pages = 0
  const residency = new Uint8Array(windowPages)
  for (const image of images) {
    if (image.notApplicable !== undefined) continue
    await withOpenImage(image, async (open) => {
      for (const window of listWindows(open)) pages += measureWindow(open.fd, window, residency)
    })
  }
  return pages
}

async function time(pass: () => Promise<number>): Promise<Timed> {
  const startedAt = performance.now()
  const cpuBefore = process.cpuUsage()
  const pages = await pass()
  const cpu = process.cpuUsage(cpuBefore)
  return { pages, seconds: (performance.now() - startedAt) / 1000, cpuSeconds: (cpu.user + cpu.system) / 1e6 }
}
