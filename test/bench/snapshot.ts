// Benchmark 1: a snapshot beside mere copying, the classification of images, memory; a repeat of merged guests.
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { medianOf } from '../../src/shared/statistics/median.ts'
import type { BenchLab } from './bench-lab.ts'

const PAGE = 4096

const timed = z.object({ pages: z.number(), seconds: z.number(), cpuSeconds: z.number() })
const snapshotBench = z.object({
  guests: z.number(),
  presentPages: z.number(),
  imagePages: z.number(),
  rounds: z.array(
    z.object({
      copy: timed.optional(),
      scan: timed.extend({ hashedPages: z.number() }),
      threaded: timed.optional(),
      pageMap: timed,
      images: timed,
      knownImages: timed.extend({ hashedPages: z.number() }),
      residency: timed,
      summary: timed,
    }),
  ),
  parts: z.object({
    pages: z.number(),
    hashCpuSeconds: z.number(),
    appendCpuSeconds: z.number(),
    sortCpuSeconds: z.number(),
    smallTouchCpuSeconds: z.number(),
    hugeTouchCpuSeconds: z.number(),
    cachedReadCpuSeconds: z.number(),
  }),
  rssBeforeBytes: z.number(),
  peakRssBytes: z.number(),
})
type SnapshotBench = z.infer<typeof snapshotBench>

export interface SnapshotFigures {
  readonly guests: number
  readonly ramGiB: number
  readonly copyGBps: number
  readonly scanGBps: number
  /** Ratios of CPU time per page in one round, median over the rounds. */
  readonly scanToCopy: number
  readonly imagesToCopy: number
  /** Of images that nothing has written to since they were read before. */
  readonly knownToCopy: number
  readonly cachedReadToCopy: number
  /** CPU time per page, in ns. */
  readonly profile: Readonly<
    Record<
      | 'copy'
      | 'hash'
      | 'append'
      | 'sort'
      | 'scan'
      | 'summary'
      | 'images'
      | 'knownImages'
      | 'cachedRead'
      | 'residency'
      | 'firstScan'
      | 'smallTouch'
      | 'hugeTouch',
      number
    >
  >
  /** Peak of a fresh helper that scans once, and what it may be: 64 MiB + 20 bytes a page of the smaller side. */
  readonly peakMiB: number
  readonly boundMiB: number
  readonly raw: Readonly<Record<'first' | 'single', SnapshotBench>>
}

export async function measureSnapshot(lab: BenchLab, rounds: number): Promise<SnapshotFigures> {
  const bench = (args: string) => lab.engine(args, snapshotBench)
  unmergeAll()
  await sleep(Math.max(0, lastWritten(lab.images) + atRestMs - Date.now()))
  const single = await bench('--rounds 1 --scan-only')
  // The first rounds run code that is not compiled yet: a snapshot that is taken once has that cost, see `firstScan`.
  const warm = await bench(`--rounds ${rounds + WARM_UP}`)
  return figuresOf({ first: withoutWarmUp(warm, WARM_UP), single })
}

const WARM_UP = 3
/** The helper takes it that an image is at rest 10 s after the last write. */
const atRestMs = 15_000

/** Of the wall clock, as files have it. */
function lastWritten(images: readonly string[]): number {
  return Math.max(...images.map((path) => statSync(path).ctimeMs))
}

function withoutWarmUp(bench: SnapshotBench, warmUp: number): SnapshotBench {
  return { ...bench, rounds: bench.rounds.slice(warmUp) }
}

function figuresOf(raw: SnapshotFigures['raw']): SnapshotFigures {
  const { first, single } = raw
  const cpu = (name: 'copy' | 'scan' | 'images' | 'knownImages' | 'residency' | 'summary') =>
    medianOf(first.rounds.map((round) => perPage(round[name])))
  const copyTo = (name: 'scan' | 'images' | 'knownImages') =>
    medianOf(first.rounds.map((round) => perPage(round.copy) / perPage(round[name])))
  const { parts } = first
  const cachedRead = parts.cachedReadCpuSeconds / parts.pages
  const smaller = Math.min(single.presentPages, single.imagePages)
  return {
    guests: first.guests,
    ramGiB: (first.presentPages * PAGE) / 2 ** 30,
    copyGBps: PAGE / cpu('copy') / 1e9,
    scanGBps: PAGE / cpu('scan') / 1e9,
    scanToCopy: copyTo('scan'),
    imagesToCopy: copyTo('images'),
    knownToCopy: copyTo('knownImages'),
    cachedReadToCopy: cpu('copy') / cachedRead,
    profile: {
      copy: cpu('copy') * 1e9,
      hash: (parts.hashCpuSeconds / parts.pages) * 1e9,
      append: (parts.appendCpuSeconds / parts.pages) * 1e9,
      smallTouch: (parts.smallTouchCpuSeconds / parts.pages) * 1e9,
      hugeTouch: (parts.hugeTouchCpuSeconds / parts.pages) * 1e9,
      sort: (parts.sortCpuSeconds / parts.pages) * 1e9,
      scan: cpu('scan') * 1e9,
      summary: cpu('summary') * 1e9,
      images: cpu('images') * 1e9,
      knownImages: cpu('knownImages') * 1e9,
      cachedRead: cachedRead * 1e9,
      residency: cpu('residency') * 1e9,
      firstScan: medianOf(single.rounds.map(({ scan }) => perPage(scan))) * 1e9,
    },
    peakMiB: single.peakRssBytes / 2 ** 20,
    boundMiB: 64 + (20 * smaller) / 2 ** 20,
    raw,
  }
}

export interface ThreadFigures {
  readonly ramGiB: number
  /** How many times as fast two threads are as one, by the clock, guests at rest: median over rounds of both. */
  readonly twoThreads: number
  /** The same of two helpers that know nothing of each other: what the machine's cores give at all. */
  readonly twoHelpers: number
  readonly raw: Readonly<Record<'threads' | 'besideOneAnother', SnapshotBench>>
}

export async function measureThreads(lab: BenchLab, rounds: number): Promise<ThreadFigures> {
  const args = `--rounds ${rounds + LONG_WARM_UP} --scan-only --no-images`
  const bench = async (more = '') =>
    withoutWarmUp(await lab.engine(`${args} ${more}`, snapshotBench), LONG_WARM_UP)
  unmergeAll()
  const threads = await bench('--threads 2')
  const [one, other] = await Promise.all([bench(), bench()])
  const besideOneAnother = { ...one, rounds: [...one.rounds, ...other.rounds] }
  const seconds = (of: SnapshotBench) => medianOf(of.rounds.map(({ scan }) => scan.seconds))
  return {
    ramGiB: (threads.presentPages * PAGE) / 2 ** 30,
    twoThreads: medianOf(
      threads.rounds.map(({ scan, threaded }) => scan.seconds / (threaded?.seconds ?? NaN)),
    ),
    twoHelpers: (2 * seconds(threads)) / seconds(besideOneAnother),
    raw: { threads, besideOneAnother },
  }
}

export interface RepeatFigures {
  /** Of the pages present, those that the kernel counts as merged. */
  readonly mergedRatio: number
  /** Of the pages present, those that the repeat reads: neither in frames flagged as merged nor the kernel's zero page. */
  readonly hashedRatio: number
  /** CPU time of a repeated snapshot, by a helper that has taken one, relative to one before merging. */
  readonly repeatToFirst: number
  readonly repeatNs: number
  /** Of that, listing present pages and reading their page-map entries. */
  readonly pageMapNs: number
  readonly raw: Readonly<Record<'before' | 'merged', SnapshotBench>>
}

/** `mergeTimeoutMs`: how long KSM may take to merge. The lab restores KSM's settings when it goes down. */
export async function measureRepeat(
  lab: BenchLab,
  rounds: number,
  mergeTimeoutMs: number,
): Promise<RepeatFigures> {
  const bench = (count: number) =>
    lab.engine(`--rounds ${count + LONG_WARM_UP} --scan-only --no-images`, snapshotBench)
  unmergeAll()
  const before = await bench(rounds)
  await mergeAll(mergeTimeoutMs)
  const merged = await bench(rounds)
  const warm = (of: SnapshotBench) => of.rounds.slice(LONG_WARM_UP)
  const cost = (of: SnapshotBench) => medianOf(warm(of).map(({ scan }) => perPage(scan)))
  const mergedPages = lab.host.guests.reduce((sum, { pid }) => sum + readMergingPages(pid), 0)
  return {
    mergedRatio: mergedPages / merged.presentPages,
    hashedRatio: medianOf(warm(merged).map(({ scan }) => scan.hashedPages / Math.max(1, scan.pages))),
    repeatToFirst: cost(merged) / cost(before),
    repeatNs: cost(merged) * 1e9,
    pageMapNs: medianOf(warm(merged).map(({ pageMap }) => perPage(pageMap))) * 1e9,
    raw: { before, merged },
  }
}

/** A repeat is so short, as is one thread's share, that its code is compiled only after some. */
const LONG_WARM_UP = 10

function perPage(pass: z.infer<typeof timed> | undefined): number {
  return pass === undefined || pass.pages === 0 ? Number.NaN : pass.cpuSeconds / pass.pages
}

const KSM = '/sys/kernel/mm/ksm'

function readKsm(name: string): number {
  return Number(readFileSync(`${KSM}/${name}`, 'utf8'))
}

/** Pages of one guest in frames that KSM has merged. */
function readMergingPages(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/ksm_merging_pages`, 'utf8'))
}

function unmergeAll(): void {
  writeFileSync(`${KSM}/run`, '2')
}

/** Until ksmd has gone through all memory twice and merged nothing new. */
async function mergeAll(timeoutMs: number): Promise<void> {
  writeFileSync(`${KSM}/pages_to_scan`, '20000')
  writeFileSync(`${KSM}/sleep_millisecs`, '10')
  writeFileSync(`${KSM}/run`, '1')
  const deadline = Date.now() + timeoutMs
  let last = { sharing: 0, pass: readKsm('full_scans') }
  while (Date.now() < deadline) {
    await sleep(500)
    const now = { sharing: readKsm('pages_sharing'), pass: readKsm('full_scans') }
    if (now.sharing !== last.sharing) last = now
    else if (now.pass >= last.pass + 2) break
  }
  writeFileSync(`${KSM}/run`, '0')
}
